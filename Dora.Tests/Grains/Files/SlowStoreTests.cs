using Dora.Interfaces;
using Dora.Storage.Files;
using Dora.Tests.Grains.Doubles;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Eventually = Dora.Tests.Waiting.Eventually;

namespace Dora.Tests.Grains.Files;

/// <summary>Calls that a slow store makes long have time limits that fit them; all others fail by the short default, which is made very short here.</summary>
[Trait("Category", "Cluster")]
public sealed class SlowStoreTests
{
    private static readonly TimeSpan Default = TimeSpan.FromSeconds(0.5);

    [Fact]
    public async Task List_StoreTakesLongerThanAnOrdinaryCallMay_IsWaitedFor()
    {
        await using GrainCluster cluster = await GrainCluster.StartAsync(2, Shorten);
        MemoryUfs store = await cluster.MountAsync("/huge", "huge");
        store.Add("f", 1);
        IGrainFactory grains = GrainsOf(cluster);
        var gate = new TaskCompletionSource();
        store.Gate = gate.Task;

        Task<ListReply> listing = grains.GetGrain<IFileGrain>("/huge").ListAsync(null, 10, default);
        await Eventually.Async(() => store.Lists > 0, "the store is asked for names");
        await Assert.ThrowsAsync<TimeoutException>(() => grains.GetGrain<IFileGrain>("/huge/f").StatAsync(true, default)); // an ordinary call's time is over
        Assert.False(listing.IsCompleted);
        gate.SetResult();

        Assert.Equal("f", Assert.Single((await listing).Entries).Name);
    }

    [Fact]
    public async Task TakeOver_OwnerIsSlow_IsWaitedFor()
    {
        await using GrainCluster cluster = await GrainCluster.StartAsync(2, Shorten);
        MemoryUfs store = await cluster.MountAsync("/moved", "moved");
        store.Add("f", 1);
        IGrainFactory grains = GrainsOf(cluster);
        FileStat stat = (await grains.GetGrain<IFileGrain>("/moved/f").StatAsync(false, default)).Stat!;
        var target = cluster.Orleans.Silos[1];
        FileTurn held = await target.ServiceProvider.GetRequiredService<FileTurns>().TakeAsync(FileId.FromUfsPath(stat.UfsPath), default);

        Task<long> taking = grains.GetGrain<IWorkerGrain>(GrainCluster.WorkerOf(target).Value).TakeOverAsync([new PageOffer(stat, [0, 1])], default);
        store.Gate = new TaskCompletionSource().Task;
        await Assert.ThrowsAsync<TimeoutException>(() => grains.GetGrain<IFileGrain>("/moved/f").StatAsync(true, default));
        Assert.False(taking.IsCompleted);
        held.Dispose();

        Assert.Equal(0, await taking);
    }

    private static void Shorten(ISiloBuilder silo) => silo.Configure<SiloMessagingOptions>(static o => o.ResponseTimeout = Default);

    private static IGrainFactory GrainsOf(GrainCluster cluster) => cluster.Orleans.Silos[0].ServiceProvider.GetRequiredService<IGrainFactory>();
}
