using Dora.Client;
using Dora.Client.Routing;
using Dora.PageChannel.Codec;
using Dora.Storage.Files;
using Dora.Tests.Doubles;
using Dora.Tests.PageChannel.Client;
using Dora.Tests.PageChannel.Server;
using Dora.Tests.Waiting;

namespace Dora.Tests.Client;

/// <summary>No read fails while one way to the bytes remains, and none gives a wrong byte.</summary>
public sealed class FailoverTests
{
    private static readonly DoraClientOptions Options = new();

    [Fact]
    public async Task Owner_Dies_TheNextOwnerServesAndCaches()
    {
        await using var cluster = new FakeCluster(3);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", 10_000);
        FakeWorker[] owners = cluster.OwnersOf("f");
        await using DoraClient dora = await cluster.ConnectAsync();
        await using DoraFile file = await dora.OpenReadAsync("/data/f");
        byte[] buffer = new byte[10_000];

        await owners[0].KillAsync();
        await file.ReadAsync(0, buffer);
        await owners[1].KillAsync();
        await file.ReadAsync(0, buffer);

        Assert.Equal(content, buffer);
        Assert.Equal([FileReadMode.Cached], owners[1].Reader.Modes);
        Assert.Equal([FileReadMode.Cached], owners[2].Reader.Modes);
        Assert.Equal(content, await dora.ReadAllBytesAsync("/data/f"));
    }

    [Fact]
    public async Task OwnerOfALargeFile_DoesNotAnswer_TheNextOwnerKeepsNothing_UntilTheOwnerCountsAsGone()
    {
        var time = new ManualTimeProvider();
        await using var cluster = new FakeCluster(3);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", 100_000);
        FakeWorker[] owners = cluster.OwnersOf("f");
        await using DoraClient dora = await cluster.ConnectAsync(Options with { Reads = new() { ChunkBytes = 64 * 1024 }, TimeProvider = time });
        await using DoraFile file = await dora.OpenReadAsync("/data/f");
        byte[] buffer = new byte[1000];

        await owners[0].KillAsync();
        await file.ReadAsync(0, buffer);
        await file.ReadAsync(0, buffer);
        Assert.Equal([FileReadMode.StoreDirect, FileReadMode.StoreDirect], owners[1].Reader.Modes);

        time.Advance(RoutePlan.GoneAfter);
        await file.ReadAsync(0, buffer);
        Assert.Equal(FileReadMode.Cached, owners[1].Reader.Modes[^1]);
        await owners[1].KillAsync();
        await file.ReadAsync(0, buffer);
        Assert.Equal([FileReadMode.StoreDirect], owners[2].Reader.Modes);
        Assert.Equal(content[..1000], buffer);
    }

    [Fact]
    public async Task OnlyAFarWorkerLives_ItReadsTheStoreAndKeepsNothing()
    {
        await using var cluster = new FakeCluster(5);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", 10_000);
        FakeWorker[] owners = cluster.OwnersOf("f");
        await using DoraClient dora = await cluster.ConnectAsync();
        foreach (FakeWorker dead in owners[..4])
        {
            await dead.KillAsync();
        }

        Assert.Equal(content, await dora.ReadAllBytesAsync("/data/f"));
        Assert.Equal([FileReadMode.StoreDirect], owners[4].Reader.Modes);
    }

    [Fact]
    public async Task Owner_Hung_TheNextOwnerServesAfterItsSilence_AndThenAtOnce()
    {
        var time = new ManualTimeProvider();
        int asked = 0;
        await using var cluster = new FakeCluster(2);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", 1000);
        FakeWorker[] owners = cluster.OwnersOf("f");
        await owners[0].KillAsync();
        await using var hung = new RawServer(async (socket, token) =>
        {
            await RawServer.SayHelloAsync(socket, token);
            while ((await RawServer.ReceiveAsync(socket, token)).Header.Opcode is var opcode)
            {
                asked += opcode == PageChannelOpcode.Ping ? 0 : 1;
            }
        });
        owners[0].Info = owners[0].Info with { PagePort = hung.Info.PagePort };
        cluster.Publish();
        await using DoraClient dora = await cluster.ConnectAsync(
            Options with { Timeouts = Options.Timeouts with { Hung = TimeSpan.FromMilliseconds(400) }, TimeProvider = time });

        Task<byte[]> reading = dora.ReadAllBytesAsync("/data/f");
        await Eventually.Async(() => Volatile.Read(ref asked) == 1, "the hung worker to be asked");
        time.Advance(TimeSpan.FromMilliseconds(350));
        Assert.False(reading.IsCompleted);
        Assert.Empty(owners[1].Reader.Modes);
        time.Advance(TimeSpan.FromMilliseconds(100));
        Assert.Equal(content, await reading.WaitAsync(RawClient.Patience));

        // No time passes any more.
        Assert.Equal(content, await dora.ReadAllBytesAsync("/data/f").WaitAsync(RawClient.Patience));
        Assert.Equal(1, Volatile.Read(ref asked));
    }

    [Fact]
    public async Task Owner_RestartsBeforeAnybodyNotices_IsUsedAgain()
    {
        await using var cluster = new FakeCluster(2);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", 1000);
        FakeWorker[] owners = cluster.OwnersOf("f");
        await using DoraClient dora = await cluster.ConnectAsync();
        Assert.Equal(content, await dora.ReadAllBytesAsync("/data/f"));

        await owners[0].KillAsync();
        owners[0].Restart();

        Assert.Equal(content, await dora.ReadAllBytesAsync("/data/f"));
        Assert.Empty(owners[1].Reader.Modes);
        Assert.Equal(2, owners[0].Reader.Modes.Length);
    }

    [Fact]
    public async Task Worker_KnowsANewerMembership_TheClientRefreshesAndAsksTheNewOwner()
    {
        await using var cluster = new FakeCluster(3);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", 1000);
        FakeWorker newOwner = cluster.OwnersOf("f")[0];
        cluster.Publish(newOwner);
        FakeWorker oldOwner = cluster.OwnersOf("f")[0];
        await using DoraClient dora = await cluster.ConnectAsync();
        Assert.Equal(content, await dora.ReadAllBytesAsync("/data/f"));
        int gets = cluster.View.Gets;

        cluster.View.Pushes = false;
        cluster.Publish();
        Assert.Equal(content, await dora.ReadAllBytesAsync("/data/f"));

        Assert.Equal(gets + 1, cluster.View.Gets);
        Assert.Single(newOwner.Reader.Modes);
        Assert.Single(oldOwner.Reader.Modes);
    }

    [Fact]
    public async Task Worker_KnowsAnOlderMembership_ServesAllTheSame()
    {
        await using var cluster = new FakeCluster(3);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", 1000);
        ClusterSnapshot old = cluster.Snapshot;
        FakeWorker[] owners = cluster.OwnersOf("f");
        owners[1].Current = old;
        cluster.Publish(owners[0]);
        await using DoraClient dora = await cluster.ConnectAsync();

        Assert.Equal(content, await dora.ReadAllBytesAsync("/data/f"));
        Assert.Single(owners[1].Reader.Modes);
    }

    [Fact]
    public async Task File_Changes_TheOpenReaderIsToldAndAReopenSucceeds()
    {
        await using var cluster = new FakeCluster(3);
        cluster.Store.Put($"{FakeCluster.Root}/f", 1000, seed: 1);
        await using DoraClient dora = await cluster.ConnectAsync();
        await using DoraFile file = await dora.OpenReadAsync("/data/f");
        await file.ReadAsync(0, new byte[10]);

        byte[] changed = cluster.Store.Put($"{FakeCluster.Root}/f", 1000, seed: 2);
        DoraException error = await Assert.ThrowsAsync<DoraException>(async () => await file.ReadAsync(0, new byte[10]));

        Assert.Equal(DoraErrorCode.VersionChanged, error.Code);
        Assert.Equal("'/data/f' changed while it was read: open it again", error.Message);
        Assert.Equal(changed, await dora.ReadAllBytesAsync("/data/f"));
    }

    [Fact]
    public async Task Owner_CannotReachTheStore_AnotherWorkerIsAsked()
    {
        await using var cluster = new FakeCluster(3);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", 1000);
        cluster.OwnersOf("f")[0].Reader.Instead = static () => new FileReadResult(DoraErrorCode.Unavailable, 0, 0, "no route to the store");
        await using DoraClient dora = await cluster.ConnectAsync();

        Assert.Equal(content, await dora.ReadAllBytesAsync("/data/f"));
    }

    [Fact]
    public async Task Owner_DeliversTooFewBytes_AnotherWorkerIsAsked()
    {
        await using var cluster = new FakeCluster(2);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", 1000);
        cluster.OwnersOf("f")[0].Reader.Instead = static () => new FileReadResult(DoraErrorCode.None, 3, 0);
        await using DoraClient dora = await cluster.ConnectAsync();

        Assert.Equal(content, await dora.ReadAllBytesAsync("/data/f"));
    }

    [Fact]
    public async Task Everyone_Denied_FailsAtOnceWithTheStoresWord()
    {
        await using var cluster = new FakeCluster(3);
        cluster.Store.Put($"{FakeCluster.Root}/f", 1000);
        foreach (FakeWorker worker in cluster.OwnersOf("f"))
        {
            worker.Reader.Instead = static () => new FileReadResult(DoraErrorCode.Denied, 0, 0, "'/data/f': the store refuses access");
        }

        await using DoraClient dora = await cluster.ConnectAsync();
        DoraException error = await Assert.ThrowsAsync<DoraException>(() => dora.ReadAllBytesAsync("/data/f"));

        Assert.Equal((DoraErrorCode.Denied, "'/data/f': the store refuses access"), (error.Code, error.Message));
        Assert.All(cluster.OwnersOf("f"), static w => Assert.Single(w.Reader.Modes));
    }

    [Fact]
    public async Task Everyone_Dead_FailsWhenTheTimeIsOver()
    {
        await using var cluster = new FakeCluster(2);
        cluster.Store.Put($"{FakeCluster.Root}/f", 1000);
        await using DoraClient dora = await cluster.ConnectAsync(Options with { Timeouts = Options.Timeouts with { Operation = TimeSpan.FromMilliseconds(500) } });
        foreach (FakeWorker worker in cluster.OwnersOf("f"))
        {
            await worker.KillAsync();
        }

        DoraException error = await Assert.ThrowsAsync<DoraException>(() => dora.ReadAllBytesAsync("/data/f"));

        Assert.Equal(DoraErrorCode.Unavailable, error.Code);
        Assert.Contains("no worker answered within 0.5 s", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Everyone_DeadForAMoment_TheReadWaitsAndSucceeds()
    {
        await using var cluster = new FakeCluster(2);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", 1000);
        await using DoraClient dora = await cluster.ConnectAsync();
        FakeWorker[] owners = cluster.OwnersOf("f");
        await owners[0].KillAsync();
        await owners[1].KillAsync();

        Task<byte[]> reading = dora.ReadAllBytesAsync("/data/f");
        await Eventually.Async(() => cluster.View.Gets > 1, "the client to look for workers");
        owners[1].Restart();

        Assert.Equal(content, await reading.WaitAsync(RawClient.Patience));
    }

    [Fact]
    public async Task View_ChangesDuringARead_TheReadGoesOn()
    {
        await using var cluster = new FakeCluster(2);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", 1000);
        FakeWorker owner = cluster.OwnersOf("f")[0];
        var started = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        owner.Reader.BeforeRead = _ =>
        {
            started.TrySetResult();
            return gate.Task;
        };
        await using DoraClient dora = await cluster.ConnectAsync();
        Task<byte[]> reading = dora.ReadAllBytesAsync("/data/f");
        await started.Task.WaitAsync(RawClient.Patience);

        cluster.Publish(owner);
        await Eventually.Async(() => dora.Workers.Length == 1, "the client to hear that the worker left");
        gate.SetResult();

        Assert.Equal(content, await reading.WaitAsync(RawClient.Patience));
        Assert.Single(owner.Reader.Modes);
    }

    [Fact]
    public async Task Gateway_Hung_ReadsGoOn()
    {
        await using var cluster = new FakeCluster(2);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", 1000);
        await using DoraClient dora = await cluster.ConnectAsync();
        cluster.View.BeforeGet = static () => new TaskCompletionSource().Task;
        await cluster.OwnersOf("f")[0].KillAsync();

        Assert.Equal(content, await dora.ReadAllBytesAsync("/data/f").WaitAsync(RawClient.Patience));
    }

    [Fact]
    public async Task Cancel_EndsTheReadAtOnce()
    {
        await using var cluster = new FakeCluster(2);
        cluster.Store.Put($"{FakeCluster.Root}/f", 3_000_000);
        var started = new TaskCompletionSource();
        foreach (FakeWorker worker in cluster.OwnersOf("f"))
        {
            worker.Reader.BeforeRead = token =>
            {
                started.TrySetResult();
                return Task.Delay(Timeout.Infinite, token);
            };
        }

        await using DoraClient dora = await cluster.ConnectAsync();
        using var cancel = new CancellationTokenSource();
        Task<byte[]> reading = dora.ReadAllBytesAsync("/data/f", cancel.Token);
        await started.Task.WaitAsync(RawClient.Patience);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading.WaitAsync(RawClient.Patience));
    }
}
