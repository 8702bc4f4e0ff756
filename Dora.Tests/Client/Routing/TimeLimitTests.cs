using System.Diagnostics;
using Dora.Client;
using Dora.Tests.Waiting;

namespace Dora.Tests.Client.Routing;

/// <summary>A silent worker is given up by what is known of its latency; one that lives is given time and stays trusted.</summary>
public sealed class TimeLimitTests
{
    private static readonly DoraClientOptions Options = new()
    {
        Hedging = new() { Share = 0 },
        Channel = new() { ConnectionsPerWorker = 1 },
        Timeouts = new() { Request = TimeSpan.FromSeconds(30), Operation = TimeSpan.FromSeconds(60), Hung = TimeSpan.FromSeconds(30) },
    };

    [Fact]
    public async Task Worker_FallsSilent_IsGivenUpLongBeforeTheUpperBound()
    {
        await using var cluster = new FakeCluster(2);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", 1000);
        FakeWorker[] owners = cluster.OwnersOf("f");
        await using var proxy = new Dora.Benchmarks.Chaos.FaultProxy(seed: 1) { Target = owners[0].Info.PagePort };
        owners[0].Info = owners[0].Info with { PagePort = proxy.Port };
        cluster.Publish();
        await using DoraClient dora = await cluster.ConnectAsync(Options);
        await using DoraFile file = await WarmAsync(dora);
        byte[] buffer = new byte[1000];

        proxy.Faults = new Dora.Benchmarks.Chaos.Faults(DropShare: 1);
        var watch = Stopwatch.StartNew();
        await file.ReadAsync(0, buffer).AsTask().Within("the next owner to be asked");

        Assert.Equal(content, buffer);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(15), $"took {watch.Elapsed}");
        Assert.Single(owners[1].Reader.Modes);
        await file.ReadAsync(0, buffer);
        Assert.Equal(2, owners[1].Reader.Modes.Length);
    }

    [Fact]
    public async Task Worker_IsSlowButLives_IsWaitedForLonger_AndIsNoSuspect()
    {
        await using var cluster = new FakeCluster(2);
        cluster.Store.Put($"{FakeCluster.Root}/f", 1000);
        FakeWorker[] owners = cluster.OwnersOf("f");
        await using DoraClient dora = await cluster.ConnectAsync(Options with { Timeouts = Options.Timeouts with { MinRequest = TimeSpan.FromSeconds(1) } });
        await using DoraFile file = await WarmAsync(dora);
        int before = owners[0].Reader.Modes.Length, slow = 0;
        owners[0].Reader.BeforeRead = token => Interlocked.Increment(ref slow) == 1 ? Task.Delay(Timeout.Infinite, token) : Task.CompletedTask;

        await file.ReadAsync(0, new byte[1000]).AsTask().Within("the next owner to be asked");
        Assert.Single(owners[1].Reader.Modes);
        await file.ReadAsync(0, new byte[1000]);

        Assert.Equal(before + 2, owners[0].Reader.Modes.Length);
        Assert.Single(owners[1].Reader.Modes);
    }

    private static async Task<DoraFile> WarmAsync(DoraClient dora)
    {
        DoraFile file = await dora.OpenReadAsync("/data/f");
        for (int i = 0; i < 40; i++)
        {
            await file.ReadAsync(0, new byte[1000]);
        }

        return file;
    }
}
