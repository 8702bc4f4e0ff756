using Dora.LocalCluster;
using Dora.Client;
using Dora.Interfaces;

namespace Dora.Tests.Processes;

/// <summary>Real processes and real signals: no read fails and no byte is wrong while a path remains.</summary>
[Trait("Category", "Process")]
[Trait("Category", "Slow")]
public sealed class WorkerDeathTests(ProcessCluster cluster) : IClassFixture<ProcessCluster>
{
    [Fact]
    public async Task Worker_IsKilledAndRestarted_NoReadFails()
    {
        await using DoraClient client = await cluster.ConnectAsync();
        var load = new ReadLoad(client, cluster, readers: 3);
        await load.PassesAsync(3);

        await cluster.Cluster.Workers["w1"].KillAsync();
        await load.PassesAsync(6);
        await cluster.Cluster.StartAsync("w1", CancellationToken.None);
        await load.PassesAsync(6);

        await load.StopAsync();
        Assert.Null(load.FirstProblem);
    }

    [Fact]
    public async Task Worker_HangsAndContinues_NoReadFails()
    {
        await using DoraClient client = await cluster.ConnectAsync();
        var load = new ReadLoad(client, cluster, readers: 3);
        await load.PassesAsync(3);
        int pid = (await cluster.Cluster.Workers["w2"].Ready).Pid;

        TimeSpan longest;
        load.TakeLongest();
        Signals.Stop(pid);
        try
        {
            await load.PassesAsync(4);
            longest = load.TakeLongest();
        }
        finally
        {
            Signals.Continue(pid);
        }

        await load.PassesAsync(4);
        await load.StopAsync();
        Assert.Null(load.FirstProblem);
        Assert.True(longest < TimeSpan.FromSeconds(5), $"a read took {longest}");

        // The cluster may have declared it dead meanwhile, and then it ends itself sooner or later: it is started anew, so that the next test finds it in any case.
        await cluster.Cluster.Workers["w2"].KillAsync();
        await cluster.Cluster.StartAsync("w2", CancellationToken.None);
    }

    [Fact]
    public async Task TwoOfThree_AreKilled_TheThirdServesAlone()
    {
        await using DoraClient client = await cluster.ConnectAsync();
        var load = new ReadLoad(client, cluster, readers: 3);
        await load.PassesAsync(3);

        await Task.WhenAll(cluster.Cluster.Workers["w0"].KillAsync(), cluster.Cluster.Workers["w1"].KillAsync());
        load.TakeLongest();
        await load.PassesAsync(6);
        TimeSpan longest = load.TakeLongest();
        await cluster.Cluster.StartAsync("w0", CancellationToken.None);
        await cluster.Cluster.StartAsync("w1", CancellationToken.None);
        await load.PassesAsync(3);

        await load.StopAsync();
        Assert.Null(load.FirstProblem);
        Assert.True(longest < TimeSpan.FromSeconds(10), $"a read took {longest}");
    }

    [Fact]
    public async Task Worker_IsStoppedGracefullyUnderLoad_NoReadFails()
    {
        await using DoraClient client = await cluster.ConnectAsync();
        var load = new ReadLoad(client, cluster, readers: 3);
        await load.PassesAsync(3);

        load.TakeLongest();
        await cluster.Cluster.Workers["w2"].StopAsync(TimeSpan.FromSeconds(20));
        await load.PassesAsync(3);
        TimeSpan longest = load.TakeLongest();
        await cluster.Cluster.StartAsync("w2", CancellationToken.None);
        await load.PassesAsync(3);

        await load.StopAsync();
        Assert.Null(load.FirstProblem);
        Assert.True(longest < TimeSpan.FromSeconds(10), $"a read took {longest}");
    }

    [Fact]
    public async Task All_AreKilledAndRestarted_AClientThatStaysRecovers()
    {
        await using DoraClient client = await cluster.ConnectAsync();
        var load = new ReadLoad(client, cluster, readers: 3);
        await load.PassesAsync(2);

        await Task.WhenAll(WorkerProcesses.WorkerIds(3).Select(id => cluster.Cluster.Workers[id].KillAsync()));
        await Task.WhenAll(WorkerProcesses.WorkerIds(3).Select(id => cluster.Cluster.StartAsync(id, CancellationToken.None)));
        await load.PassesAsync(4);
        load.TakeLongest();
        await load.PassesAsync(4);
        TimeSpan longest = load.TakeLongest();
        string[] ids = [.. client.Workers.Select(static w => w.Id.Value)];

        await load.StopAsync();
        Assert.Null(load.FirstProblem);
        Assert.Equal(["w0", "w1", "w2"], ids);
        Assert.True(longest < TimeSpan.FromSeconds(10), $"a read took {longest} after the recovery");
    }

    [Fact]
    public async Task Cluster_IsStoppedAndStarted_ServesFromItsCacheAlone_WhichHasNotGrown()
    {
        long pages = 0;
        await using (DoraClient client = await cluster.ConnectAsync())
        {
            LoadJobStatus job = await client.Jobs.LoadAsync(ProcessCluster.MountPath);
            Assert.Equal(LoadJobState.Succeeded, job.State);
            pages = await PagesAsync(client);
        }

        Dictionary<string, byte[]> expected = cluster.Names.ToDictionary(static n => n, n => File.ReadAllBytes(Path.Combine(cluster.Source, n)), StringComparer.Ordinal);
        await cluster.StopAsync();
        string hidden = cluster.Source + "-hidden";
        Directory.Move(cluster.Source, hidden);
        try
        {
            await cluster.StartAsync();
            await using DoraClient client = await cluster.ConnectAsync();
            Assert.InRange(await PagesAsync(client), 1, pages);
            foreach ((string name, byte[] bytes) in expected)
            {
                Assert.Equal(bytes, await client.ReadAllBytesAsync($"{ProcessCluster.MountPath}/{name}", CancellationToken.None));
            }
        }
        finally
        {
            Directory.Move(hidden, cluster.Source);
        }
    }

    private static async Task<long> PagesAsync(DoraClient client) =>
        (await Task.WhenAll(client.Workers.Select(w => client.GetWorkerStatusAsync(w.Id)))).Sum(static s => s.Pages);
}
