using Dora.Client;
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
        await Task.WhenAll(Enumerable.Range(0, Grains).Select(i => ActivateAsync(client, $"/none/{i}")));
        long[] before = await GrainsAsync(client);
        Assert.InRange(before.Sum(), Grains / 3, Grains + 10);

        await cluster.Cluster.Workers["w2"].StopAsync(TimeSpan.FromSeconds(30));
        await Eventually.Async(() => client.Workers.Length == 2, "the client sees that a worker left");

        Assert.Equal(before, await GrainsAsync(client));
        await cluster.Cluster.StartAsync("w2", CancellationToken.None);
    }

    private static async Task ActivateAsync(DoraClient client, string path)
    {
        DoraException nothing = await Assert.ThrowsAsync<DoraException>(async () =>
        {
            await foreach (var entry in client.ListAsync(path))
            {
                Assert.Fail($"{entry.Path} is there");
            }
        });
        Assert.Equal(DoraErrorCode.NotMounted, nothing.Code);
    }

    private static async Task<long[]> GrainsAsync(DoraClient client) =>
        [(await client.GetWorkerStatusAsync(new WorkerId("w0"))).FileGrains, (await client.GetWorkerStatusAsync(new WorkerId("w1"))).FileGrains];
}
