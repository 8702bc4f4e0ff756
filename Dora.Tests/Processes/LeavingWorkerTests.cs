using Dora.Client;
using Dora.Client.Cluster;
using Dora.Interfaces;
using Dora.Tests.Waiting;

namespace Dora.Tests.Processes;

/// <summary>A worker that leaves takes nothing of the others along: no grain of theirs is dropped, in the midst of a change perhaps, because its directory entry was there.</summary>
[Trait("Category", "Process")]
[Trait("Category", "Slow")]
public sealed class LeavingWorkerTests(ProcessCluster cluster) : IClassFixture<ProcessCluster>
{
    private const int Grains = 300;

    [Fact]
    public async Task Worker_IsStoppedGracefully_TheOthersKeepTheirGrains()
    {
        await using DoraClient client = await cluster.ConnectAsync();
        await using ClusterConnection orleans = await ClusterConnection.OpenAsync(
            new DoraClientOptions { Cluster = cluster.Cluster.Directory.ClusterPath, ClusterId = client.ClusterId }, CancellationToken.None);
        await Task.WhenAll(Enumerable.Range(0, Grains).Select(i => ActivateAsync(orleans.Grains, $"/none/{i}")));
        long[] before = await GrainsAsync(client);
        Assert.InRange(before.Sum(), Grains / 3, Grains + 10);

        await cluster.Cluster.Workers["w2"].StopAsync(TimeSpan.FromSeconds(30));
        await Eventually.Async(() => client.Workers.Length == 2, "the client sees that a worker left");

        Assert.Equal(before, await GrainsAsync(client));
        await cluster.Cluster.StartAsync("w2", CancellationToken.None);
    }

    private static async Task ActivateAsync(IGrainFactory grains, string path) =>
        Assert.Equal(DoraErrorCode.NotMounted, (await grains.GetGrain<IFileGrain>(path).ListAsync(null, 1, CancellationToken.None)).Code);

    private static async Task<long[]> GrainsAsync(DoraClient client) =>
        [(await client.GetWorkerStatusAsync(new WorkerId("w0"))).FileGrains, (await client.GetWorkerStatusAsync(new WorkerId("w1"))).FileGrains];
}
