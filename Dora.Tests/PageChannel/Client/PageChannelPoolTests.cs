using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;
using Dora.Tests.Doubles;
using Dora.Tests.PageChannel.Server;
using Dora.Tests.Waiting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dora.Tests.PageChannel.Client;

/// <summary>Channels to workers: made when needed, replaced when they end, suspected and forgiven.</summary>
public sealed class PageChannelPoolTests
{
    private static readonly ChannelOptions Options = new() { ProbeDelay = TimeSpan.FromMilliseconds(20) };
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task Send_ManyAtFirst_MakesNoMoreConnectionsThanAllowed()
    {
        await using var worker = new TestWorker();
        await using PageChannelPool pool = Pool();
        WorkerChannel channel = pool.For(worker.Info);

        ChannelReply[] replies = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => channel.SendAsync(ChannelRequest.Ping, 0, Long, default).AsTask()));

        Assert.All(replies, static r => Assert.True(r.IsOk));
        Assert.Equal(Options.ConnectionsPerWorker / 2, channel.OpenConnections);
        Assert.Same(channel, pool.For(worker.Info));
    }

    [Fact]
    public async Task Send_AfterTheWorkerClosedIdleConnections_ReconnectsWithoutSuspicion()
    {
        int connections = 0;
        await using var server = new RawServer(async (socket, token) =>
        {
            await RawServer.SayHelloAsync(socket, token);
            (FrameHeader ping, _) = await RawServer.ReceiveAsync(socket, token);
            if (Interlocked.Increment(ref connections) > 1)
            {
                byte[] pong = new byte[FrameHeader.Size];
                FrameWriter.WritePong(pong, ping.RequestId, 1);
                await socket.SendAsync(pong, token);
                await RawServer.ReceiveAsync(socket, token);
            }
        });
        await using var pool = new PageChannelPool(Options with { ConnectionsPerWorker = 1 }, _time, NullLogger.Instance);
        WorkerChannel channel = pool.For(server.Info);

        ChannelReply reply = await channel.SendAsync(ChannelRequest.Ping, 0, Long, default);

        Assert.True(reply.IsOk);
        Assert.False(channel.IsSuspect);
        Assert.Equal(2, connections);
    }

    [Fact]
    public async Task Worker_Gone_IsSuspected_AndForgivenWhenItAnswersAgain()
    {
        var worker = new TestWorker();
        await using PageChannelPool pool = Pool();
        WorkerChannel channel = pool.For(worker.Info);
        Assert.True((await channel.SendAsync(ChannelRequest.Ping, 0, Long, default)).IsOk);
        await worker.DisposeAsync();

        ChannelReply failed = await channel.SendAsync(ChannelRequest.Ping, 0, Long, default);
        Assert.Equal(ChannelOutcome.ConnectFailed, failed.Outcome);
        Assert.True(channel.IsSuspect);

        await using var restarted = new TestWorker(configure: o => o with { Port = worker.Info.PagePort });
        await Eventually.Async(
            () =>
            {
                _time.Advance(Options.ProbeDelay);
                return !channel.IsSuspect;
            },
            "the restarted worker to be trusted again");
        Assert.True((await channel.SendAsync(ChannelRequest.Ping, 0, Long, default)).IsOk);
    }

    [Fact]
    public async Task Retain_WithoutTheWorker_LetsRequestsInFlightEnd()
    {
        await using var worker = new TestWorker();
        var started = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        worker.Handler.BeforeRead = (_, _) =>
        {
            started.TrySetResult();
            return gate.Task;
        };
        await using PageChannelPool pool = Pool();
        WorkerChannel channel = pool.For(worker.Info);
        Task<ChannelReply> read = channel.SendAsync(
            new ChannelRequest(PageChannelOpcode.Read, "/f"u8.ToArray(), Destination: new byte[10]), 0, Long, default).AsTask();
        await started.Task.WaitAsync(RawClient.Patience);

        pool.Retain(ClusterSnapshot.Empty);
        gate.SetResult();

        Assert.True((await read.WaitAsync(RawClient.Patience)).IsOk);
        Assert.Equal(0, pool.Count);
        await Eventually.Async(() => worker.Listener.ConnectionCount == 0, "the retired connections to close");
    }

    [Fact]
    public async Task Read_AnsweredWithTooFewBytes_IsDamagedNotTheEndOfTheFile()
    {
        await using var server = new RawServer(static async (socket, token) =>
        {
            await RawServer.SayHelloAsync(socket, token);
            (FrameHeader read, _) = await RawServer.ReceiveAsync(socket, token);
            await socket.SendAsync(RawServer.DataHeader(read.RequestId, 3), token);
            await socket.SendAsync(new byte[3], token);
            await RawServer.ReceiveAsync(socket, token);
        });
        await using PageChannelPool pool = Pool();

        ChannelReply reply = await pool.For(server.Info).SendAsync(
            new ChannelRequest(PageChannelOpcode.Read, "/f"u8.ToArray(), Destination: new byte[10]), 0, Long, default);

        Assert.Equal((ChannelOutcome.Answered, PageChannelStatus.Damaged), (reply.Outcome, reply.Status));
    }

    [Fact]
    public async Task For_WorkerWithAnotherAddress_GivesANewChannel()
    {
        await using PageChannelPool pool = Pool();
        var old = new WorkerInfo(new WorkerId("w0"), "127.0.0.1", 1, 0, 100);

        WorkerChannel first = pool.For(old);
        WorkerChannel second = pool.For(old with { PagePort = 2 });

        Assert.NotSame(first, second);
        Assert.Same(second, pool.For(old with { PagePort = 2 }));
        Assert.Equal(1, pool.Count);
    }

    private PageChannelPool Pool() => new(Options, _time, NullLogger.Instance);
}
