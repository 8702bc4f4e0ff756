using System.Net.Sockets;
using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;
using Dora.Tests.Doubles;
using Dora.Tests.PageChannel.Server;
using Dora.Tests.Waiting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Dora.Tests.PageChannel.Client;

/// <summary>Who is taken for dead and who is not, and that nothing lasts longer than it may.</summary>
public sealed class LivenessTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task ThisProcess_StoodStill_TheWorkerIsNotBlamed()
    {
        var manual = new FakeTimeProvider();
        var time = new StallingTimeProvider(manual);
        await using var worker = new TestWorker();
        var started = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        worker.Handler.BeforeRead = (_, _) =>
        {
            started.TrySetResult();
            return gate.Task;
        };
        PageChannelConnection connection = await ConnectAsync(worker.Info, new ChannelOptions(), time);
        Task<ChannelReply> read = connection.SendAsync(Read(new byte[10]), 1, Long, default).AsTask();
        await started.Task.WaitAsync(RawClient.Patience);

        time.Stall(TimeSpan.FromSeconds(5));
        manual.Advance(TimeSpan.FromMilliseconds(50));
        gate.SetResult();

        Assert.True((await read.WaitAsync(RawClient.Patience)).IsOk);
        Assert.True(connection.IsOpen);
        await connection.CloseAsync();
    }

    [Fact]
    public async Task Reply_ThatComesInDrops_EndsAfterItsTime()
    {
        var time = new FakeTimeProvider();
        var drops = new SemaphoreSlim(10);
        await using var server = new RawServer(async (socket, token) =>
        {
            await RawServer.SayHelloAsync(socket, token);
            (FrameHeader read, _) = await RawServer.ReceiveAsync(socket, token);
            await socket.SendAsync(RawServer.DataHeader(read.RequestId, 40_000), token);
            while (true)
            {
                await drops.WaitAsync(token);
                await socket.SendAsync(new byte[] { 1 }, token);
            }
        });
        PageChannelConnection connection = await ConnectAsync(server.Info, new ChannelOptions(), time);
        byte[] buffer = new byte[40_000];

        Task<ChannelReply> read = connection.SendAsync(Read(buffer), 1, TimeSpan.FromMilliseconds(500), default).AsTask();
        for (int drop = 10; drop < 16 && !read.IsCompleted; drop++)
        {
            int last = drop - 1;
            await Eventually.Async(() => Volatile.Read(ref buffer[last]) == 1 || read.IsCompleted, $"drop {last}");
            time.Advance(TimeSpan.FromMilliseconds(300));
            drops.Release();
        }

        Assert.Equal(ChannelOutcome.TimedOut, (await read.WaitAsync(RawClient.Patience)).Outcome);
        Assert.False(connection.IsOpen);
    }

    [Fact]
    public async Task Connecting_TakesLongerThanTheRequestMay_TheRequestEnds()
    {
        var time = new FakeTimeProvider();
        var accepted = new TaskCompletionSource();
        await using var mute = new RawServer((_, token) =>
        {
            accepted.TrySetResult();
            return Task.Delay(Timeout.Infinite, token);
        });
        await using var pool = new PageChannelPool(new ChannelOptions { ConnectTimeout = Long }, time, NullLogger.Instance);

        Task<ChannelReply> ping = pool.For(mute.Info).SendAsync(ChannelRequest.Ping, 0, TimeSpan.FromMilliseconds(100), default).AsTask();
        await accepted.Task.WaitAsync(RawClient.Patience);
        time.Advance(TimeSpan.FromMilliseconds(100));

        Assert.Equal(ChannelOutcome.TimedOut, (await ping.WaitAsync(RawClient.Patience)).Outcome);
        time.Advance(Long);
    }

    [Fact]
    public async Task Connection_DeadWithoutKnowing_IsReplacedAlthoughEachRequestIsGivenUpSooner()
    {
        var time = new ManualTimeProvider();
        int connections = 0;
        var asked = new TaskCompletionSource();
        await using var server = new RawServer(async (socket, token) =>
        {
            bool isDead = Interlocked.Increment(ref connections) == 1;
            await RawServer.SayHelloAsync(socket, token);
            while (true)
            {
                (FrameHeader header, _) = await RawServer.ReceiveAsync(socket, token);
                asked.TrySetResult();
                if (!isDead)
                {
                    byte[] pong = new byte[FrameHeader.Size];
                    FrameWriter.WritePong(pong, header.RequestId, 1);
                    await socket.SendAsync(pong, token);
                }
            }
        });
        var options = new ChannelOptions
        {
            ConnectionsPerWorker = 1,
            HungAfter = TimeSpan.FromMilliseconds(800),
            ConnectTimeout = TimeSpan.FromMilliseconds(300),
            ProbeDelay = TimeSpan.FromMilliseconds(10),
            MaxProbeDelay = TimeSpan.FromMilliseconds(20),
        };
        await using var pool = new PageChannelPool(options, time, NullLogger.Instance);
        WorkerChannel channel = pool.For(server.Info);

        Task<ChannelReply> ping = channel.SendAsync(ChannelRequest.Ping, 0, TimeSpan.FromMilliseconds(300), default).AsTask();
        await asked.Task.WaitAsync(RawClient.Patience);
        time.Advance(TimeSpan.FromMilliseconds(300));

        Assert.Equal(ChannelOutcome.TimedOut, (await ping.WaitAsync(RawClient.Patience)).Outcome);
        await Eventually.Async(
            () =>
            {
                // Until the new connection is made, and slowly while it is.
                time.Advance(TimeSpan.FromMilliseconds(Volatile.Read(ref connections) > 1 ? 0 : channel.OpenConnections > 0 ? 10 : 1));
                return !channel.IsSuspect;
            },
            "the worker to be reached by a new connection");
        Assert.Equal(2, connections);
    }

    [Fact]
    public async Task Slot_RetiredWhileConnecting_KeepsNoConnection()
    {
        await using var worker = new TestWorker();
        PageChannelConnection connection = await ConnectAsync(worker.Info, new ChannelOptions(), TimeProvider.System);
        var made = new TaskCompletionSource<ConnectResult>();
        var slot = new ConnectionSlot(() => made.Task);

        Task<ConnectResult> connecting = slot.ConnectAsync();
        slot.Retire();
        made.SetResult(new ConnectResult(connection, default, null));
        await connecting;

        Assert.False(connection.IsOpen);
    }

    [Fact]
    public async Task Slot_ConnectThrows_TheNextAttemptIsMade()
    {
        int attempts = 0;
        var slot = new ConnectionSlot(() => ++attempts == 1 ? throw new InvalidOperationException("a surprise") : Task.FromResult(new ConnectResult(null, default, "refused")));

        Assert.Equal("a surprise", (await slot.ConnectAsync()).Error);
        Assert.Equal("refused", (await slot.ConnectAsync()).Error);
    }

    [Fact]
    public async Task Worker_ChoosesAnUnknownVersion_IsRefused()
    {
        await using var server = new RawServer(static (socket, token) => AnswerHelloAsync(socket, version: 9, goodbye: false, token));

        ConnectResult result = await new PageChannelConnector(new ChannelOptions(), TimeProvider.System).ConnectAsync(server.Info, default);

        Assert.Null(result.Connection);
        Assert.Equal(PageChannelStatus.UnsupportedVersion, result.Status);
    }

    [Fact]
    public async Task Worker_SaysGoodbyeRightAfterHello_IsNotConnected()
    {
        await using var server = new RawServer(static (socket, token) => AnswerHelloAsync(socket, version: 1, goodbye: true, token));

        ConnectResult result = await new PageChannelConnector(new ChannelOptions(), TimeProvider.System).ConnectAsync(server.Info, default);

        Assert.Null(result.Connection);
        Assert.NotNull(result.Error);
    }

    private static async Task AnswerHelloAsync(Socket socket, ushort version, bool goodbye, CancellationToken token)
    {
        await RawServer.ReceiveAsync(socket, token);
        byte[] buffer = new byte[2 * PageChannelProtocol.MaxControlFrame];
        var reply = new HelloReply { Version = version, MaxReadLength = 1000, MaxInFlight = 10, WorkerId = "raw"u8 };
        int length = FrameWriter.WriteHelloReply(buffer, 1, reply);
        length += goodbye ? FrameWriter.WriteGoodbye(buffer.AsSpan(length), 1, PageChannelStatus.ShuttingDown, "the worker is stopping") : 0;
        await socket.SendAsync(buffer.AsMemory(0, length), token);
        await RawServer.ReceiveAsync(socket, token);
    }

    private static ChannelRequest Read(Memory<byte> destination) =>
        new(PageChannelOpcode.Read, "/f"u8.ToArray(), 0, new FileId(1, 2), new FileVersion(3), 0, destination);

    private static async Task<PageChannelConnection> ConnectAsync(WorkerInfo worker, ChannelOptions options, TimeProvider time)
    {
        ConnectResult result = await new PageChannelConnector(options, time).ConnectAsync(worker, default);
        Assert.True(result.Connection is not null, result.Error);
        return result.Connection;
    }
}
