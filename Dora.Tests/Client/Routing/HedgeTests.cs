using Dora.Client;
using Dora.Client.Routing;
using Dora.Tests.PageChannel.Server;
using Dora.Tests.Waiting;

namespace Dora.Tests.Client.Routing;

/// <summary>A worker that is late with a read costs the next owner's latency, within the budget, and never writes to memory it lost.</summary>
public sealed class HedgeTests
{
    private const int Length = 100_000;

    // No time limit helps within a test's patience: what ends a late read here is the second request.
    private static readonly DoraClientOptions Options = new()
    {
        Hedging = new() { MinDelay = TimeSpan.FromMilliseconds(1) },
        Timeouts = new() { MinRequest = TimeSpan.FromMinutes(1), Request = TimeSpan.FromMinutes(1), Operation = TimeSpan.FromMinutes(2) },
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
        await file.ReadAsync(0, buffer).AsTask().Within("the read to be served by the next owner");

        Assert.Equal(content, buffer);
        Assert.Single(owners[1].Reader.Modes);
        await cancelled.Task.Within("the late owner to be told");
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

        foreach ((int from, byte[] bytes) in await ReadAsync(kind, dora, file).Within($"the next owner's {kind}"))
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
        await file.ReadAsync(0, buffer).AsTask().Within("the read to be served by the third");

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

        owners[1].Reader.BeforeRead = owners[0].Reader.BeforeRead = static token => Task.Delay(30, token);
        await foreach (FileContent one in dora.ReadFilesAsync(Enumerable.Repeat("/data/f", Files), inOrder))
        {
            using (one)
            {
                Assert.Null(one.Error);
                Assert.Equal(1000, one.Length);
            }
        }

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
        await file.ReadAsync(0, buffer).AsTask().Within("the read to be served by the next owner");
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
        owners[0].Reader.BeforeRead = static token => Task.Delay(300, token);

        await file.ReadAsync(0, new byte[Length]);

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
        owners[1].Reader.BeforeRead = owners[0].Reader.BeforeRead = static token => Task.Delay(30, token);

        const int Reads = 400;
        for (int i = 0; i < Reads / 20; i++)
        {
            await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => file.ReadAsync(0, new byte[1000]).AsTask()));
        }

        // A burst of 16 at first, then one per twenty.
        Assert.InRange(owners[1].Reader.Modes.Length, 0, 16 + ((Reads + 40) / 20) + 1);
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
        Task<int> reading = file.ReadAsync(0, buffer).AsTask();
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
        cluster.BeforeGrainStat = static () => Task.Delay(Timeout.Infinite, CancellationToken.None);

        Assert.Equal(7, (await dora.StatAsync("/data/f2").Within("the next owner's stat")).Length);
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
}
