using System.Diagnostics;
using Dora.Grains.Cluster;
using Dora.Grains.Placement;
using Dora.Interfaces;
using Microsoft.Extensions.DependencyInjection;
using Dora.Tests.Grains.Doubles;
using Dora.Tests.Waiting;
using Orleans.TestingHost;

namespace Dora.Tests.Grains.Placement;

[Trait("Category", "Cluster")]
public sealed class RingPlacementTests
{
    private const int Files = 3000;

    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(5);

    private static readonly string[] Paths = [.. Enumerable.Range(0, Files).Select(static i => $"/data/d{i % 30}/f{i}")];

    [Fact]
    public async Task ThreeWorkers_EveryFileGrainAtItsOwner()
    {
        await using GrainCluster cluster = await GrainCluster.StartAsync(3);
        await ActivateAsync(cluster);

        Assert.Equal(Files, AtOwner(cluster));
        Assert.All(cluster.Orleans.Silos, static s => Assert.InRange(GrainCluster.FilesOf(s).Count, Files / 6, Files / 2));
    }

    [Fact]
    public async Task WorkerKilled_EveryFileGrainAtItsOwnerWithinFiveSecondsAndTheHealthyKeepTheirState()
    {
        await using GrainCluster cluster = await GrainCluster.StartAsync(3);
        MemoryUfs store = await ActivateAsync(cluster);
        InProcessSiloHandle victim = cluster.Orleans.Silos[1];
        int lost = GrainCluster.FilesOf(victim).Count;
        int asked = store.Stats;

        await cluster.Orleans.KillSiloAsync(victim);

        await AssertBackAtOwnersAsync(cluster);
        Assert.True(store.Stats - asked <= lost, $"the store was asked {store.Stats - asked} times, only {lost} files were lost");
    }

    [Fact]
    public async Task WorkerAdded_EveryFileGrainAtItsOwnerWithinFiveSecondsAndAllKeepTheirState()
    {
        await using GrainCluster cluster = await GrainCluster.StartAsync(2);
        MemoryUfs store = await ActivateAsync(cluster);
        int asked = store.Stats;

        InProcessSiloHandle added = await cluster.Orleans.StartAdditionalSiloAsync();

        await AssertBackAtOwnersAsync(cluster);
        Assert.InRange(GrainCluster.FilesOf(added).Count, Files / 6, Files / 2);
        Assert.Equal(asked, store.Stats);
    }

    [Fact]
    public async Task WorkerStopsGracefully_EveryFileGrainAtItsOwnerWithinFiveSecondsAndAllKeepTheirState()
    {
        await using GrainCluster cluster = await GrainCluster.StartAsync(3);
        MemoryUfs store = await ActivateAsync(cluster);
        int asked = store.Stats;

        await cluster.Orleans.StopSiloAsync(cluster.Orleans.Silos[2]);

        await AssertBackAtOwnersAsync(cluster);
        Assert.Equal(asked, store.Stats);
    }

    [Fact]
    public async Task MountChangesTheFileId_FileGrainMovesToItsNewOwner()
    {
        await using GrainCluster cluster = await GrainCluster.StartAsync(3);
        await ActivateAsync(cluster);

        MemoryUfs other = await cluster.MountAsync("/data/d1", "other");
        foreach (string path in Paths.Where(static p => p.StartsWith("/data/d1/", StringComparison.Ordinal)))
        {
            other.Add(path["/data/d1/".Length..], 1);
        }

        await AssertBackAtOwnersAsync(cluster);
    }

    [Fact]
    public async Task WorkerGrain_LivesOnItsWorkerOrNowhere()
    {
        await using GrainCluster cluster = await GrainCluster.StartAsync(3);
        foreach (InProcessSiloHandle silo in cluster.Orleans.Silos)
        {
            WorkerId id = GrainCluster.WorkerOf(silo);
            Assert.Equal(id.Value, (await cluster.Client.GetGrain<IWorkerGrain>(id.Value).GetStatusAsync()).WorkerId);
        }

        OrleansException unknown = await Assert.ThrowsAnyAsync<OrleansException>(() => cluster.Client.GetGrain<IWorkerGrain>("w9").GetStatusAsync());
        Assert.Contains("worker 'w9' is not active", unknown.ToString(), StringComparison.Ordinal);
    }

    private static async Task<MemoryUfs> ActivateAsync(GrainCluster cluster)
    {
        MemoryUfs store = cluster.Stores["data"];
        foreach (string path in Paths)
        {
            store.Add(path["/data/".Length..], 1);
        }

        await cluster.MountAsync("/data", "data");
        await StatAllAsync(cluster);
        return store;
    }

    private static async Task<bool> TryStatAllAsync(GrainCluster cluster)
    {
        try
        {
            await StatAllAsync(cluster);
            return true;
        }
        catch (OrleansException)
        {
            // A call met the worker that has just gone: such calls are asked again.
            return false;
        }
    }

    /// <summary>Asks from a worker that stays, so that no call waits in a gateway that has gone.</summary>
    private static async Task StatAllAsync(GrainCluster cluster)
    {
        IGrainFactory grains = cluster.Orleans.Silos[0].ServiceProvider.GetRequiredService<IGrainFactory>();
        foreach (string[] some in Paths.Chunk(250))
        {
            FileReply[] replies = await Task.WhenAll(some.Select(p => grains.GetGrain<IFileGrain>(p).StatAsync(false, CancellationToken.None)));
            Assert.All(replies, static r => Assert.Equal(DoraErrorCode.None, r.Code));
        }
    }

    private static async Task AssertBackAtOwnersAsync(GrainCluster cluster)
    {
        long start = Stopwatch.GetTimestamp();
        await cluster.SettleAsync();
        await Eventually.Async(
            async () => await TryStatAllAsync(cluster) && AtOwner(cluster) == Files,
            $"all {Files} file grains at their owners",
            Promise);
        Assert.True(Stopwatch.GetElapsedTime(start) < Promise, $"it took {Stopwatch.GetElapsedTime(start)}");
    }

    /// <summary>Grains at their owner; each is counted where it is, and nowhere twice.</summary>
    private static int AtOwner(GrainCluster cluster)
    {
        int total = cluster.Orleans.Silos.Sum(static s => GrainCluster.FilesOf(s).Count);
        return total != Files ? -total : cluster.Orleans.Silos.Sum(AtOwner);
    }

    private static int AtOwner(InProcessSiloHandle silo)
    {
        ClusterMap map = GrainCluster.StateOf(silo).Map;
        return GrainCluster.FilesOf(silo).Entries.Count(e => silo.SiloAddress.Equals(map.OwnerOf(FileGrainKey.FileIdOf(e.Context.GrainId.Key.ToString()!, map.Snapshot.Mounts))));
    }
}
