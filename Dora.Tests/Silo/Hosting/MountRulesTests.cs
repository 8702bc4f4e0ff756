using Dora.Interfaces;
using Dora.Tests.Waiting;

namespace Dora.Tests.Silo.Hosting;

/// <summary>Quota, pin and unmount from the cluster's table to the pages on a real worker's disk.</summary>
[Trait("Category", "Cluster")]
[Trait("Category", "Slow")]
public sealed class MountRulesTests
{
    private const int Length = 250_000;
    private const long Quota = 4 << 20;

    [Fact]
    public async Task Rules_OfMounts_BoundWhatAWorkerHolds()
    {
        await using WorkerCluster cluster = await WorkerCluster.StartAsync(1);
        byte[] content = new byte[Length];
        new Random(7).NextBytes(content);
        Write(cluster, "hot", 10);
        Write(cluster, "bulk", 400);
        await cluster.MountAsync("/data");
        IMountTableGrain mounts = cluster.Client.GetGrain<IMountTableGrain>(IMountTableGrain.Key);

        // A quota bounds what is loaded, and no more when it is lifted.
        await CheckAsync(mounts.SetRulesAsync("/data", Quota, TimeSpan.Zero, default));
        await LoadAsync(cluster, "/data/bulk", LoadJobState.Incomplete);
        WorkerStatus bounded = await StatusAsync(cluster);
        Assert.InRange(bounded.Pages * Length, Quota / 2, Quota);
        await CheckAsync(mounts.SetRulesAsync("/data", 0, TimeSpan.Zero, default));
        await LoadAsync(cluster, "/data/bulk/f0");
        Assert.True((await StatusAsync(cluster)).Pages >= bounded.Pages);

        // A pinned file outlives four hundred that do not fit beside it.
        await CheckAsync(mounts.PinAsync(new PinView("/data/hot", 20), default));
        await LoadAsync(cluster, "/data/hot");
        await LoadAsync(cluster, "/data/bulk", LoadJobState.Incomplete);
        long before = (await StatusAsync(cluster)).StoreBytes;
        await LoadAsync(cluster, "/data/hot");
        Assert.Equal(before, (await StatusAsync(cluster)).StoreBytes);

        // With the mount its pages go.
        await CheckAsync(mounts.RemoveAsync("/data", default));
        await Eventually.Async(async () => (await StatusAsync(cluster)).Pages == 0, "the pages of the mount that is gone are freed");

        void Write(WorkerCluster to, string directory, int files)
        {
            for (int i = 0; i < files; i++)
            {
                to.Write($"{directory}/f{i}", content);
            }
        }
    }

    private static async Task CheckAsync(Task<MountReply> change)
    {
        MountReply reply = await change;
        Assert.True(reply.Code == DoraErrorCode.None, reply.Message);
    }

    private static async Task LoadAsync(WorkerCluster cluster, string path, LoadJobState expected = LoadJobState.Succeeded)
    {
        ILoadJobGrain job = cluster.Client.GetGrain<ILoadJobGrain>(Guid.NewGuid().ToString("N"));
        await job.StartAsync(new LoadJobSpec(path, 0));
        LoadJobStatus? ended = null;
        await Eventually.Async(async () => (ended = (await job.GetStatusAsync()).Status)?.EndedAt is not null, $"the load of {path} ends", TimeSpan.FromMinutes(2));
        Assert.True(ended!.State == expected, $"{path}: {ended.State}, {string.Join("; ", ended.Failures)}");
    }

    private static async Task<WorkerStatus> StatusAsync(WorkerCluster cluster)
    {
        ClusterView view = await cluster.Client.GetGrain<IClusterViewGrain>(0).GetAsync();
        return await cluster.Client.GetGrain<IWorkerGrain>(view.Workers.Single().Id).GetStatusAsync();
    }
}
