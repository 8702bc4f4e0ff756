using Dora.Client;
using Dora.PageChannel.Client;
using Dora.Tests.Doubles;
using Dora.Tests.Waiting;

namespace Dora.Tests.Client.Routing;

/// <summary>A silent worker is given up by what is known of its latency; one that lives is given time and stays trusted. Time passes where a test says so.</summary>
public sealed class TimeLimitTests
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private readonly ManualTimeProvider _time = new();

    private DoraClientOptions Options => new()
    {
        TimeProvider = _time,
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
        Task<int> reading = file.ReadAsync(0, buffer).AsTask();
        await Eventually.Async(() => proxy.Counts.Drops > 0, "the request to be swallowed");
        _time.Advance(Options.Timeouts.MinRequest);
        await reading.Within("the next owner to be asked");

        Assert.Equal(content, buffer);
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
        int slow = 0;
        owners[0].Reader.BeforeRead = token => Interlocked.Increment(ref slow) == 1 ? Task.Delay(Timeout.Infinite, token) : Task.CompletedTask;

        Task<int> reading = file.ReadAsync(0, new byte[1000]).AsTask();
        await Eventually.Async(() => Volatile.Read(ref slow) == 1, "the read to reach its owner");
        for (TimeSpan passed = TimeSpan.Zero; passed < WorkerLatency.AliveFactor * TimeSpan.FromSeconds(1); passed += Step)
        {
            // What else it answers shows that it lives.
            Assert.False(reading.IsCompleted, $"given up after {passed}");
            Assert.Empty(owners[1].Reader.Modes);
            _time.Advance(Step);
            await file.ReadAsync(0, new byte[1000]);
        }

        await reading.Within("the next owner to be asked");
        Assert.Single(owners[1].Reader.Modes);
        int before = owners[0].Reader.Modes.Length;
        await file.ReadAsync(0, new byte[1000]);

        Assert.Equal(before + 1, owners[0].Reader.Modes.Length);
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
