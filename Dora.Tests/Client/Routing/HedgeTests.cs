using System.Collections.Concurrent;
using Dora.Client;
using Dora.Storage.Files;
using Dora.Client.Routing;
using Dora.Tests.Doubles;
using Dora.Tests.PageChannel.Server;
using Dora.Tests.Waiting;

namespace Dora.Tests.Client.Routing;

/// <summary>
/// A worker that is late with a read costs the next owner's latency, within the budget, and never writes to memory it lost. Time stands still but where a
/// test moves it: who is late is the test's word, not the machine's.
/// </summary>
public sealed class HedgeTests
{
    private const int Length = 100_000;

    // What comes after this is late, and far from every other limit.
    private static readonly TimeSpan Late = TimeSpan.FromMilliseconds(10);

    private readonly ManualTimeProvider _time = new();

    // No time limit helps: what ends a late read here is the second request.
    private DoraClientOptions Options => new()
    {
        Hedging = new() { MinDelay = TimeSpan.FromMilliseconds(1) },
        Timeouts = new() { MinRequest = TimeSpan.FromMinutes(1), Request = TimeSpan.FromMinutes(1), Operation = TimeSpan.FromMinutes(2), Hung = TimeSpan.FromMinutes(1) },
        TimeProvider = _time,
    };

    [Fact]
    public async Task Owner_IsLate_TheNextOwnersAnswerEndsTheRead_AndTheOwnersIsCancelled()
    {
        await using var cluster = new FakeCluster(3);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", Length);
        FakeWorker[] owners = cluster.OwnersOf("f");
        await using DoraClient dora = await cluster.ConnectAsync(Options);
        await using DoraFile file = await WarmAsync(dora);
        var cancelled = new TaskCompletionSource();
        owners[0].Reader.BeforeRead = async token =>
        {
            await Task.Delay(Timeout.Infinite, token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancelled.TrySetResult();
        };

        byte[] buffer = new byte[Length];
        await WhileLateAsync(owners[0], () => file.ReadAsync(0, buffer).AsTask(), "the read to be served by the next owner");

        Assert.Equal(content, buffer);
        Assert.Single(owners[1].Reader.Modes);
        await cancelled.Task.Within("the late owner to be told");
    }

    [Theory]
    [InlineData(1, FileReadMode.StoreDirect)]
    [InlineData(2, FileReadMode.Cached)]
    public async Task OwnerOfALargeFile_IsLate_TheNextOwnerKeepsWhatItReadsOnlyAsAReplica(int replicas, FileReadMode mode)
    {
        await using var cluster = new FakeCluster(3) { Replicas = replicas };
        cluster.Publish();
        cluster.Store.Put($"{FakeCluster.Root}/f", 100_000);
        FakeWorker[] owners = cluster.OwnersOf("f");
        await using DoraClient dora = await cluster.ConnectAsync(Options with { Reads = Options.Reads with { ChunkBytes = 64 * 1024 } });
        await using DoraFile file = await dora.OpenReadAsync("/data/f");
        byte[] buffer = new byte[1000];
        for (int i = 0; i < 80; i++)
        {
            await file.ReadAsync(0, buffer);
        }

        (int first, int next) = (owners[0].Reader.Modes.Length, owners[1].Reader.Modes.Length);
        owners[0].Reader.BeforeRead = static token => Task.Delay(Timeout.Infinite, token);
        for (int i = 0; i < 20 && owners[0].Reader.Modes.Length == first; i++)
        {
            // With two replicas either may be the one that is chosen.
            await WhileLateAsync(owners[0], () => file.ReadAsync(0, buffer).AsTask(), "the read to be served by the next owner");
        }

        Assert.True(owners[0].Reader.Modes.Length > first, "the late owner was not asked");
        Assert.All(owners[1].Reader.Modes[next..], m => Assert.Equal(mode, m));
        Assert.NotEmpty(owners[1].Reader.Modes[next..]);
    }

    [Theory]
    [InlineData("range")]
    [InlineData("two ranges")]
    [InlineData("whole file")]
    [InlineData("whole file, own array")]
    [InlineData("whole file, larger than the buffer")]
    [InlineData("batch in order")]
    [InlineData("batch as they come")]
    public async Task Owner_IsLateWithAnyKindOfRead_TheNextOwnersAnswerEndsIt(string kind)
    {
        await using var cluster = new FakeCluster(3);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", Length);
        FakeWorker[] owners = cluster.OwnersOf("f");
        await using DoraClient dora = await cluster.ConnectAsync(Options);
        await using DoraFile file = await WarmAsync(dora);
        for (int i = 0; i < 40; i++)
        {
            Assert.Equal(Length, await dora.ReadFileAsync("/data/f", new byte[Length]));
        }

        int before = owners[0].Reader.Modes.Length;
        owners[0].Reader.BeforeRead = static token => Task.Delay(Timeout.Infinite, token);

        foreach ((int from, byte[] bytes) in await WhileLateAsync(owners[0], () => ReadAsync(kind, dora, file), $"the next owner's {kind}"))
        {
            Assert.True(bytes.AsSpan().SequenceEqual(content.AsSpan(from, bytes.Length)), kind);
        }

        // Each request of the read was asked of both, and once.
        Assert.Equal(owners[0].Reader.Modes.Length - before, owners[1].Reader.Modes.Length);
        Assert.NotEmpty(owners[1].Reader.Modes);
        Assert.Empty(owners[2].Reader.Modes);
    }

    [Fact]
    public async Task OwnerIsSuspectAndTheNextIsLate_TheThirdIsAskedBeside()
    {
        await using var cluster = new FakeCluster(3);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", Length);
        FakeWorker[] owners = cluster.OwnersOf("f");
        await using DoraClient dora = await cluster.ConnectAsync(Options);
        await using DoraFile file = await WarmAsync(dora);
        await owners[0].KillAsync();
        byte[] buffer = new byte[Length];
        for (int i = 0; i < 40; i++)
        {
            await file.ReadAsync(0, buffer).AsTask().Within("a read of the next owner");
        }

        owners[1].Reader.BeforeRead = static token => Task.Delay(Timeout.Infinite, token);
        Array.Clear(buffer);
        await WhileLateAsync(owners[1], () => file.ReadAsync(0, buffer).AsTask(), "the read to be served by the third");

        Assert.Equal(content, buffer);
        Assert.Single(owners[2].Reader.Modes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task BatchOfAWorkerThatIsLateWithAll_TheExtraLoadKeepsItsShare_AndNoneFails(bool inOrder)
    {
        const int Files = 400;
        await using var cluster = new FakeCluster(2);
        cluster.Store.Put($"{FakeCluster.Root}/f", 1000);
        FakeWorker[] owners = cluster.OwnersOf("f");
        await using DoraClient dora = await cluster.ConnectAsync(Options with { Reads = Options.Reads with { BatchWindow = 40 } });
        for (int i = 0; i < 40; i++)
        {
            await dora.ReadFileAsync("/data/f", new byte[1000]);
        }

        var parked = new ParkedReads();
        owners[1].Reader.BeforeRead = owners[0].Reader.BeforeRead = parked.WaitAsync;
        await WhileAllAreLateAsync(parked, owners[1], Task.Run(async () =>
        {
            await foreach (FileContent one in dora.ReadFilesAsync(Enumerable.Repeat("/data/f", Files), inOrder))
            {
                using (one)
                {
                    Assert.Null(one.Error);
                    Assert.Equal(1000, one.Length);
                }
            }
        }));

        // A burst of 16 at first, then one per twenty.
        Assert.InRange(owners[1].Reader.Modes.Length, 1, 16 + ((Files + 40) / 20) + 1);
    }

    [Fact]
    public async Task Owner_AnswersAfterAll_TheCallersMemoryStaysAsItWas()
    {
        await using var cluster = new FakeCluster(3);
        cluster.Store.Put($"{FakeCluster.Root}/f", Length);
        FakeWorker[] owners = cluster.OwnersOf("f");
        await using DoraClient dora = await cluster.ConnectAsync(Options with { Channel = Options.Channel with { ConnectionsPerWorker = 1 } });
        await using DoraFile file = await WarmAsync(dora);
        var gate = new TaskCompletionSource();
        int waiting = 0;
        owners[0].Reader.BeforeRead = _ => Interlocked.Increment(ref waiting) == 1 ? gate.Task : Task.CompletedTask;

        byte[] buffer = new byte[Length];
        await WhileLateAsync(owners[0], () => file.ReadAsync(0, buffer).AsTask(), "the read to be served by the next owner");
        Array.Fill(buffer, (byte)0xEE);
        gate.SetResult();

        // The late answer leaves the worker before this one, on the same connection.
        byte[] other = new byte[Length];
        await file.ReadAsync(0, other);
        Assert.All(buffer, static b => Assert.Equal(0xEE, b));
    }

    [Fact]
    public async Task NoShare_NobodyElseIsAsked()
    {
        await using var cluster = new FakeCluster(3);
        cluster.Store.Put($"{FakeCluster.Root}/f", Length);
        FakeWorker[] owners = cluster.OwnersOf("f");
        await using DoraClient dora = await cluster.ConnectAsync(Options with { Hedging = Options.Hedging with { Share = 0 } });
        await using DoraFile file = await WarmAsync(dora);
        var parked = new ParkedReads();
        owners[0].Reader.BeforeRead = parked.WaitAsync;

        Task<int> reading = file.ReadAsync(0, new byte[Length]).AsTask();
        await Eventually.Async(() => parked.Count == 1, "the read to reach its owner");
        _time.Advance(30 * Late);
        parked.LetGo(1);

        Assert.Equal(Length, await reading.WaitAsync(RawClient.Patience));
        Assert.Empty(owners[1].Reader.Modes);
    }

    [Fact]
    public async Task EverybodyIsLate_TheExtraLoadKeepsItsShare()
    {
        await using var cluster = new FakeCluster(3);
        cluster.Store.Put($"{FakeCluster.Root}/f", Length);
        FakeWorker[] owners = cluster.OwnersOf("f");
        await using DoraClient dora = await cluster.ConnectAsync(Options with { HotFiles = Options.HotFiles with { ReadsPerSecond = 0 } });
        await using DoraFile file = await WarmAsync(dora);
        var parked = new ParkedReads();
        owners[1].Reader.BeforeRead = owners[0].Reader.BeforeRead = parked.WaitAsync;

        const int Reads = 400;
        for (int i = 0; i < Reads / 20; i++)
        {
            await WhileAllAreLateAsync(parked, owners[1], Task.WhenAll(Enumerable.Range(0, 20).Select(_ => file.ReadAsync(0, new byte[1000]).AsTask())));
        }

        // A burst of 16 at first, then one per twenty.
        Assert.InRange(owners[1].Reader.Modes.Length, 1, 16 + ((Reads + 40) / 20) + 1);
    }

    [Fact]
    public async Task NextOwner_FailsTheSecondRequest_TheFirstGoesOn()
    {
        await using var cluster = new FakeCluster(2);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", Length);
        FakeWorker[] owners = cluster.OwnersOf("f");
        await using DoraClient dora = await cluster.ConnectAsync(Options);
        await using DoraFile file = await WarmAsync(dora);
        var gate = new TaskCompletionSource();
        owners[0].Reader.BeforeRead = _ => gate.Task;
        owners[1].Reader.Instead = static () => new Dora.Storage.Files.FileReadResult(DoraErrorCode.Unavailable, 0, 0, "no store");

        byte[] buffer = new byte[Length];
        int before = owners[0].Reader.Modes.Length;
        Task<int> reading = file.ReadAsync(0, buffer).AsTask();
        await Eventually.Async(() => owners[0].Reader.Modes.Length > before, "the read to reach its owner");
        _time.Advance(Late);
        await Eventually.Async(() => owners[1].Reader.Modes.Length == 1, "the second request");
        gate.SetResult();

        Assert.Equal(Length, await reading.WaitAsync(RawClient.Patience));
        Assert.Equal(content, buffer);
    }

    [Fact]
    public async Task Owner_IsLateWithAStat_TheNextOwnersAnswerEndsIt()
    {
        await using var cluster = new FakeCluster(3);
        cluster.Store.Put($"{FakeCluster.Root}/f2", 7);
        FakeWorker[] owners = cluster.OwnersOf("f2");
        await using DoraClient dora = await cluster.ConnectAsync(Options);
        for (int i = 0; i < 40; i++)
        {
            await dora.StatAsync("/data/f2");
        }

        owners[0].Catalog.Forget(FileId.FromUfsPath($"{FakeCluster.Root}/f2"));
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        owners[0].Catalog.BeforeGet = () =>
        {
            asked.TrySetResult();
            return Task.Delay(Timeout.Infinite, CancellationToken.None);
        };

        Task<Dora.Interfaces.FileStat> stat = dora.StatAsync("/data/f2");
        await asked.Task.Within("the stat to reach its owner");
        _time.Advance(Late);

        Assert.Equal(7, (await stat.Within("the next owner's stat")).Length);
    }

    [Fact]
    public void Budget_EarnsItsShare_AndKeepsABurst()
    {
        var budget = new HedgeBudget(0.05);
        int atOnce = Spend(budget);
        for (int i = 0; i < 1000; i++)
        {
            budget.Earn();
        }

        Assert.Equal(16, atOnce);
        Assert.Equal(16, Spend(budget));
        for (int i = 0; i < 100; i++)
        {
            budget.Earn();
        }

        Assert.Equal(5, Spend(budget));
        Assert.Equal(37, budget.Spent);
        Assert.False(new HedgeBudget(0).TrySpend());

        static int Spend(HedgeBudget budget)
        {
            int spent = 0;
            while (budget.TrySpend())
            {
                spent++;
            }

            return spent;
        }
    }

    /// <summary>Reads the file in one way or another.</summary>
    /// <returns>What came, and from where in the file.</returns>
    private static async Task<List<(int From, byte[] Bytes)>> ReadAsync(string kind, DoraClient dora, DoraFile file)
    {
        byte[] buffer = new byte[Length], other = new byte[1000];
        List<(int From, byte[] Bytes)> got = [];
        switch (kind)
        {
            case "range":
                await file.ReadAsync(0, buffer);
                return [(0, buffer)];
            case "two ranges":
                await file.ReadAsync([new FileRange(0, other), new FileRange(50_000, buffer.AsMemory(50_000))]);
                return [(0, other), (50_000, buffer[50_000..])];
            case "whole file":
                Assert.Equal(Length, await dora.ReadFileAsync("/data/f", buffer));
                return [(0, buffer)];
            case "whole file, own array":
                return [(0, await dora.ReadAllBytesAsync("/data/f"))];
            case "whole file, larger than the buffer":
                Assert.Equal(Length, await dora.ReadFileAsync("/data/f", other));
                return [(0, other)];
            default:
                await foreach (FileContent one in dora.ReadFilesAsync(["/data/f", "/data/f"], inOrder: kind == "batch in order"))
                {
                    using (one)
                    {
                        Assert.Equal(Length, one.Length);
                        got.Add((0, one.Bytes.ToArray()));
                    }
                }

                Assert.Equal(2, got.Count);
                return got;
        }
    }

    /// <summary>Each request that reaches the worker is late once it is there, until all are served.</summary>
    private async Task<T> WhileLateAsync<T>(FakeWorker worker, Func<Task<T>> serve, string what)
    {
        int late = worker.Reader.Modes.Length;
        Task<T> served = serve();
        await Eventually.Async(
            () =>
            {
                int asked = worker.Reader.Modes.Length;
                if (asked > late)
                {
                    late = asked;
                    _time.Advance(Late);
                }

                return served.IsCompleted;
            },
            what);
        return await served;
    }

    /// <summary>Every request is late before some are answered, until all are; none is before the next owner is asked the first time.</summary>
    private async Task WhileAllAreLateAsync(ParkedReads parked, FakeWorker next, Task served)
    {
        await Eventually.Async(
            () =>
            {
                if (parked.Count > 0)
                {
                    _time.Advance(Late);
                    parked.LetGo(next.Reader.Modes.Length > 0 ? 20 : 0);
                }

                return served.IsCompleted;
            },
            "all to be served");
        await served;
    }

    /// <summary>Opens the file and reads it until its owner's latency is known.</summary>
    private static async Task<DoraFile> WarmAsync(DoraClient dora)
    {
        DoraFile file = await dora.OpenReadAsync("/data/f");
        for (int i = 0; i < 40; i++)
        {
            await file.ReadAsync(0, new byte[1000]);
            await file.ReadAsync(0, new byte[Length]);
        }

        return file;
    }

    /// <summary>Reads that wait at the workers until the test lets them go.</summary>
    private sealed class ParkedReads
    {
        private readonly ConcurrentQueue<TaskCompletionSource> _parked = new();

        public int Count => _parked.Count;

        public Task WaitAsync(CancellationToken cancellationToken)
        {
            var read = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _parked.Enqueue(read);
            return read.Task.WaitAsync(cancellationToken);
        }

        public void LetGo(int most)
        {
            for (int i = 0; i < most && _parked.TryDequeue(out TaskCompletionSource? read); i++)
            {
                read.SetResult();
            }
        }
    }
}
