using Dora.Interfaces;
using Dora.Tests.Waiting;

namespace Dora.Tests.Silo.Hosting;

[Trait("Category", "Cluster")]
public sealed class WorkerClusterTests
{
    private const int Files = 60;
    private const int Length = 100_000;

    [Fact]
    public async Task Load_RealDirectory_IsOnTheDisksOfItsOwnersAndFreedFromThem()
    {
        await using WorkerCluster cluster = await WorkerCluster.StartAsync(3);
        byte[] content = new byte[Length];
        new Random(7).NextBytes(content);
        foreach (int i in Enumerable.Range(0, Files))
        {
            cluster.Write($"d{i % 7}/f{i}", content);
        }

        await cluster.MountAsync("/data");
        ILoadJobGrain job = cluster.Client.GetGrain<ILoadJobGrain>("j");
        await job.StartAsync(new LoadJobSpec("/data", 0));
        LoadJobStatus? ended = null;
        await Eventually.Async(async () => (ended = (await job.GetStatusAsync()).Status)?.EndedAt is not null, "the job ends", TimeSpan.FromSeconds(60));

        Assert.Equal((LoadJobState.Succeeded, (long)Files, (long)Files * Length), (ended!.State, ended.FilesDone, ended.BytesDone));
        WorkerStatus[] loaded = await StatusAsync(cluster);
        Assert.Equal(Files, loaded.Sum(static s => s.Pages));
        Assert.Equal((long)Files * Length, loaded.Sum(static s => s.StoreBytes));
        Assert.All(loaded, static s => Assert.InRange(s.PageBytes, Length, s.PageCapacityBytes));

        FreeReply[] freed = await Task.WhenAll(loaded.Select(s => cluster.Client.GetGrain<IWorkerGrain>(s.WorkerId).FreeAsync("/data", false, default)));
        Assert.Equal(Files, freed.Sum(static f => f.Files));
        Assert.Equal(0, (await StatusAsync(cluster)).Sum(static s => s.Pages));
    }

    private static async Task<WorkerStatus[]> StatusAsync(WorkerCluster cluster)
    {
        ClusterView view = await cluster.Client.GetGrain<IClusterViewGrain>(0).GetAsync();
        return await Task.WhenAll(view.Workers.Select(w => cluster.Client.GetGrain<IWorkerGrain>(w.Id).GetStatusAsync()));
    }
}
