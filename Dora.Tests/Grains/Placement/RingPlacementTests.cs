using Dora.Interfaces;
using Microsoft.Extensions.DependencyInjection;
using Dora.Tests.Grains.Doubles;
using Dora.Tests.Waiting;
using Orleans.TestingHost;

namespace Dora.Tests.Grains.Placement;

/// <summary>A change of a file takes effect at the ring owner of the file, whatever the ring was before.</summary>
[Trait("Category", "Cluster")]
public sealed class RingPlacementTests
{
    private const int Files = 900;

    private static readonly string[] Paths = [.. Enumerable.Range(0, Files).Select(static i => $"/data/d{i % 30}/f{i}")];

    [Fact]
    public async Task ThreeWorkers_EveryChangeAtItsOwner()
    {
        await using GrainCluster cluster = await GrainCluster.StartAsync(3);
        await MountAsync(cluster);

        await LoadAllAsync(cluster);

        AssertAtOwners(cluster);
        Assert.All(cluster.Orleans.Silos, static s => Assert.InRange(GrainCluster.FileGrainsOf(s), Files / 6, Files / 2));
    }

    [Fact]
    public async Task WorkerKilled_EveryChangeAtItsOwner()
    {
        await using GrainCluster cluster = await GrainCluster.StartAsync(3);
        await MountAsync(cluster);
        await LoadAllAsync(cluster);

        await cluster.Orleans.KillSiloAsync(cluster.Orleans.Silos[1]);

        await AssertBackAtOwnersAsync(cluster);
    }

    [Fact]
    public async Task WorkerAdded_EveryChangeAtItsOwner()
    {
        await using GrainCluster cluster = await GrainCluster.StartAsync(2);
        await MountAsync(cluster);
        await LoadAllAsync(cluster);

        InProcessSiloHandle added = await cluster.Orleans.StartAdditionalSiloAsync();

        await AssertBackAtOwnersAsync(cluster);
        Assert.InRange(GrainCluster.FileGrainsOf(added), Files / 6, Files / 2);
    }

    [Fact]
    public async Task WorkerStopsGracefully_EveryChangeAtItsOwner()
    {
        await using GrainCluster cluster = await GrainCluster.StartAsync(3);
        await MountAsync(cluster);
        await LoadAllAsync(cluster);

        await cluster.Orleans.StopSiloAsync(cluster.Orleans.Silos[2]);

        await AssertBackAtOwnersAsync(cluster);
    }

    [Fact]
    public async Task MountChangesTheFileId_ChangesAtTheNewOwner()
    {
        await using GrainCluster cluster = await GrainCluster.StartAsync(3);
        await MountAsync(cluster);
        await LoadAllAsync(cluster);

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

    private static async Task MountAsync(GrainCluster cluster)
    {
        MemoryUfs store = cluster.Stores["data"];
        foreach (string path in Paths)
        {
            store.Add(path["/data/".Length..], 1);
        }

        await cluster.MountAsync("/data", "data");
    }

    private static async Task AssertBackAtOwnersAsync(GrainCluster cluster)
    {
        await cluster.SettleAsync();
        foreach (MemoryWorkerStorage storage in cluster.Storage)
        {
            storage.DropAll();
        }

        await LoadAllAsync(cluster);
        AssertAtOwners(cluster);
    }

    /// <summary>Loads all files, from a worker that stays, so that no call waits in a gateway that has gone. Those that are moving, or were on the worker that has gone, are asked again.</summary>
    private static async Task LoadAllAsync(GrainCluster cluster)
    {
        IGrainFactory grains = cluster.Orleans.Silos[0].ServiceProvider.GetRequiredService<IGrainFactory>();
        List<string> left = [.. Paths];
        await Eventually.Async(
            async () =>
            {
                foreach (string[] some in left.Chunk(250).ToArray())
                {
                    DoraErrorCode[] codes = await Task.WhenAll(some.Select(p => LoadAsync(grains.GetGrain<IFileGrain>(p))));
                    Assert.All(codes, static c => Assert.True(c is DoraErrorCode.None or DoraErrorCode.Busy, $"a load answers {c}"));
                    left.RemoveAll(some.Zip(codes).Where(static c => c.Second == DoraErrorCode.None).Select(static c => c.First).ToHashSet().Contains);
                }

                return left.Count == 0;
            },
            $"all {Files} files are loaded");
    }

    private static async Task<DoraErrorCode> LoadAsync(IFileGrain file)
    {
        try
        {
            return (await file.LoadAsync(0, 1, null, CancellationToken.None)).Code;
        }
        catch (OrleansException)
        {
            return DoraErrorCode.Busy;
        }
    }

    private static void AssertAtOwners(GrainCluster cluster)
    {
        MountTable mounts = GrainCluster.StateOf(cluster.Orleans.Silos[0]).Current.Mounts;
        FileId[] files = [.. Paths.Select(p => mounts.FileIdOf(DoraPath.Parse(p)))];
        foreach (InProcessSiloHandle silo in cluster.Orleans.Silos)
        {
            Assert.Equal(
                files.Where(f => silo.SiloAddress.Equals(GrainCluster.StateOf(silo).Map.OwnerOf(f))).Order(), cluster.StorageOf(silo).Cached.Order());
        }
    }
}
