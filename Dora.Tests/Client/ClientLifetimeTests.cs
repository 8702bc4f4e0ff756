using System.Buffers;
using Dora.Client;
using Dora.Client.Files;
using Dora.PageChannel.Server;
using Dora.Tests.PageChannel.Server;
using Dora.Tests.Waiting;

namespace Dora.Tests.Client;

/// <summary>The ends of things: of the client, of a stream, of an operation's time, of a poll that somebody else cancelled.</summary>
public sealed class ClientLifetimeTests
{
    [Fact]
    public async Task Client_DisposedTwice_IsDisposedOnce()
    {
        await using var cluster = new FakeCluster(1);
        DoraClient dora = await cluster.ConnectAsync();

        await dora.DisposeAsync();
        await dora.DisposeAsync();
    }

    [Fact]
    public async Task Client_DisposedDuringReads_EndsThemAndLeavesNoConnection()
    {
        await using var cluster = new FakeCluster(3);
        cluster.Store.Put($"{FakeCluster.Root}/f", 100_000);
        var started = new TaskCompletionSource();
        foreach (FakeWorker worker in cluster.OwnersOf("f"))
        {
            worker.Reader.BeforeRead = token =>
            {
                started.TrySetResult();
                return Task.Delay(Timeout.Infinite, token);
            };
        }

        DoraClient dora = await cluster.ConnectAsync();
        await using DoraFile file = await dora.OpenReadAsync("/data/f");
        Task<int>[] reads = [.. Enumerable.Range(0, 10).Select(i => file.ReadAsync(i, new byte[100]).AsTask())];
        await started.Task.WaitAsync(RawClient.Patience);
        await dora.DisposeAsync();

        foreach (Task<int> read in reads)
        {
            await Assert.ThrowsAsync<ObjectDisposedException>(() => read.WaitAsync(RawClient.Patience));
        }

        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await file.ReadAsync(0, new byte[1]));
        await Eventually.Async(() => cluster.OwnersOf("f").All(static w => w.Connections == 0), "the workers to see no connection");
    }

    [Fact]
    public async Task Token_Wrong_FailsAtOnceWithTheWorkersWord()
    {
        await using var cluster = new FakeCluster(3, static o => o with { Authenticator = new SharedSecrets(["secret"u8.ToArray()]) });
        await using DoraClient dora = await cluster.ConnectAsync();

        DoraException error = await Assert.ThrowsAsync<DoraException>(() => dora.StatAsync("/data/f").WaitAsync(TimeSpan.FromSeconds(15)));

        Assert.Equal(DoraErrorCode.Denied, error.Code);
        Assert.Contains("the token is not this cluster's", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Operation_ShorterThanARequest_EndsInItsTime()
    {
        await using var cluster = new FakeCluster(2);
        cluster.Store.Put($"{FakeCluster.Root}/f", 100);
        foreach (FakeWorker worker in cluster.OwnersOf("f"))
        {
            worker.Reader.BeforeRead = static token => Task.Delay(Timeout.Infinite, token);
        }

        await using DoraClient dora = await cluster.ConnectAsync(
            new DoraClientOptions { Timeouts = new() { Operation = TimeSpan.FromMilliseconds(300), Request = TimeSpan.FromMinutes(5), Hung = TimeSpan.FromMinutes(5) } });
        DoraException error = await Assert.ThrowsAsync<DoraException>(() => dora.ReadAllBytesAsync("/data/f").WaitAsync(RawClient.Patience));

        Assert.Equal(DoraErrorCode.Unavailable, error.Code);
    }

    [Fact]
    public async Task View_PollIsCancelledAtTheOtherEnd_TheClientFollowsOn()
    {
        await using var cluster = new FakeCluster(3);
        bool isFirst = true;
        cluster.View.BeforeWait = () =>
        {
            bool fails = isFirst;
            isFirst = false;
            return fails ? throw new OperationCanceledException("the silo is stopping") : Task.CompletedTask;
        };
        await using DoraClient dora = await cluster.ConnectAsync();

        cluster.Publish(cluster.OwnersOf("f")[0]);

        await Eventually.Async(() => dora.Workers.Length == 2, "the client to hear that a worker left");
    }

    [Fact]
    public async Task View_FirstCallIsCancelledAtTheOtherEnd_IsTriedAgain()
    {
        await using var cluster = new FakeCluster(1);
        cluster.View.BeforeGet = () => cluster.View.Gets == 1 ? throw new OperationCanceledException("the silo is stopping") : Task.CompletedTask;

        await using DoraClient dora = await cluster.ConnectAsync();

        Assert.Single(dora.Workers);
    }

    [Theory]
    [InlineData(10, 4, 0, 0, 4)]
    [InlineData(10, 4, 2, 8, 2)]
    [InlineData(0x7FFFFFC7, 1 << 20, 2047, 2047 << 20, 0x7FFFFFC7 - (2047 << 20))]
    public void Piece_OfARead_LiesInIt(int total, int chunk, int piece, int from, int length) =>
        Assert.Equal((from, length), FileReads.PieceOf(total, chunk, piece));

    [Fact]
    public async Task Stream_DisposedDuringARead_DoesNotGiveItsBufferToOthers()
    {
        await using var cluster = new FakeCluster(1);
        cluster.Store.Put($"{FakeCluster.Root}/f", 1000);
        FakeWorker worker = cluster.OwnersOf("f")[0];
        await using DoraClient dora = await cluster.ConnectAsync();
        await using DoraFile file = await dora.OpenReadAsync("/data/f");
        var started = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        worker.Reader.BeforeRead = _ =>
        {
            started.TrySetResult();
            return gate.Task;
        };
        Stream stream = file.AsStream();
        Task<int> read = stream.ReadAsync(new byte[100]).AsTask();
        await started.Task.WaitAsync(RawClient.Patience);

        // On one thread, so that the pool would hand out what was just given back.
        stream.Dispose();
        byte[] rented = ArrayPool<byte>.Shared.Rent(256 * 1024);
        rented.AsSpan().Fill(0x55);
        gate.SetResult();

        await Assert.ThrowsAsync<ObjectDisposedException>(() => read.WaitAsync(RawClient.Patience));
        Assert.Equal(-1, rented.AsSpan().IndexOfAnyExcept((byte)0x55));
        ArrayPool<byte>.Shared.Return(rented);
    }
}
