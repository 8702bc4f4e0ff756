using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;
using Dora.Tests.Doubles;
using Dora.Tests.PageChannel.Server;
using Microsoft.Extensions.Time.Testing;

namespace Dora.Tests.PageChannel.Client;

/// <summary>One client connection against a right server and against broken ones.</summary>
public sealed class PageChannelConnectionTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    [Fact]
    public async Task Reads_AThousandAtATimeAnsweredOutOfOrder_AllGetTheirOwnBytes()
    {
        await using var worker = new TestWorker();
        var random = new Random(7);
        var gates = new Dictionary<long, TaskCompletionSource>();
        worker.Handler.BeforeRead = (arguments, _) =>
        {
            // Batches of 50 are answered in a shuffled order.
            lock (gates)
            {
                var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                gates.Add(arguments.Range.Offset, gate);
                if (gates.Count == 50)
                {
                    TaskCompletionSource[] shuffled = [.. gates.Values];
                    random.Shuffle(shuffled);
                    Array.ForEach(shuffled, static g => g.SetResult());
                    gates.Clear();
                }

                return gate.Task;
            }
        };
        PageChannelConnection connection = await ConnectAsync(worker.Info);

        bool[] right = await Task.WhenAll(Enumerable.Range(0, 1000).Select(async i =>
        {
            byte[] buffer = new byte[1 + (i * 37 % 5000)];
            ChannelReply reply = await connection.SendAsync(Read(i * 10_000L, buffer), 1, Long, default);
            return reply.IsOk && reply.Bytes == buffer.Length && FakeRequestHandler.IsRight(buffer, i * 10_000L);
        })).WaitAsync(RawClient.Patience);

        Assert.All(right, Assert.True);
        Assert.Equal(0, connection.Load);
        await connection.CloseAsync();
    }

    [Fact]
    public async Task Read_OfMegabytes_ArrivesWhole()
    {
        await using var worker = new TestWorker();
        PageChannelConnection connection = await ConnectAsync(worker.Info);
        byte[][] buffers = [.. Enumerable.Range(0, 4).Select(static _ => new byte[3_000_001])];

        await Task.WhenAll(buffers.Select((b, i) => connection.SendAsync(Read(i * 4_000_000L, b), 1, Long, default).AsTask())).WaitAsync(RawClient.Patience);

        Assert.All(buffers.Index(), static b => Assert.True(FakeRequestHandler.IsRight(b.Item, b.Index * 4_000_000L)));
        await connection.CloseAsync();
    }

    [Fact]
    public async Task Requests_BeyondTheGrant_WaitInLine()
    {
        await using var worker = new TestWorker(configure: o => o with { MaxInFlight = 3 });
        var gate = new TaskCompletionSource();
        worker.Handler.BeforeRead = (_, _) => gate.Task;
        PageChannelConnection connection = await ConnectAsync(worker.Info, new FakeTimeProvider());

        Task<ChannelReply>[] reads = [.. Enumerable.Range(0, 20).Select(i => connection.SendAsync(Read(i, new byte[10]), 1, Long, default).AsTask())];
        Assert.Equal(20, connection.Load);
        gate.SetResult();

        Assert.All(await Task.WhenAll(reads).WaitAsync(RawClient.Patience), static r => Assert.True(r.IsOk));
        await connection.CloseAsync();
    }

    [Fact]
    public async Task Cancel_ReachesTheWorker_AndTheConnectionGoesOn()
    {
        await using var worker = new TestWorker();
        var started = new TaskCompletionSource();
        var cancelled = new TaskCompletionSource();
        worker.Handler.BeforeRead = async (arguments, token) =>
        {
            if (arguments.Range.Offset == 0)
            {
                await using CancellationTokenRegistration _ = token.Register(cancelled.SetResult);
                started.SetResult();
                await Task.Delay(Timeout.Infinite, token);
            }
        };
        PageChannelConnection connection = await ConnectAsync(worker.Info);
        using var cancel = new CancellationTokenSource();

        Task<ChannelReply> read = connection.SendAsync(Read(0, new byte[10]), 1, Long, cancel.Token).AsTask();
        await started.Task.WaitAsync(RawClient.Patience);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => read);
        await cancelled.Task.WaitAsync(RawClient.Patience);
        Assert.True((await connection.SendAsync(Read(5, new byte[10]), 1, Long, default)).IsOk);
        await connection.CloseAsync();
    }

    [Fact]
    public async Task Read_Late_TimesOut_AndItsReplyTouchesNothing()
    {
        var time = new FakeTimeProvider();
        await using var worker = new TestWorker();
        var started = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        worker.Handler.BeforeRead = (arguments, _) =>
        {
            started.TrySetResult();
            return arguments.Range.Offset == 0 ? gate.Task : Task.CompletedTask;
        };
        PageChannelConnection connection = await ConnectAsync(worker.Info, time);
        byte[] buffer = new byte[10];

        Task<ChannelReply> late = connection.SendAsync(Read(0, buffer), 1, TimeSpan.FromMilliseconds(200), default).AsTask();
        await started.Task.WaitAsync(RawClient.Patience);
        time.Advance(TimeSpan.FromMilliseconds(250));
        ChannelReply reply = await late.WaitAsync(RawClient.Patience);
        gate.SetResult();
        ChannelReply next = await connection.SendAsync(Read(100, new byte[10]), 1, Long, default);

        Assert.Equal(ChannelOutcome.TimedOut, reply.Outcome);
        Assert.True(next.IsOk);
        Assert.All(buffer, static b => Assert.Equal(0, b));
        await connection.CloseAsync();
    }

    [Fact]
    public async Task Worker_Hung_IsGivenUpAfterItsSilence()
    {
        var time = new ManualTimeProvider(); // the sweep arms itself again: it must run for every step of the time that passes
        var asked = new TaskCompletionSource();
        var pinged = new TaskCompletionSource();
        await using var hung = new RawServer(async (socket, token) =>
        {
            await RawServer.SayHelloAsync(socket, token);
            await RawServer.ReceiveAsync(socket, token);
            asked.SetResult();
            Assert.Equal(PageChannelOpcode.Ping, (await RawServer.ReceiveAsync(socket, token)).Header.Opcode);
            pinged.SetResult();
            await Task.Delay(Timeout.Infinite, token);
        });
        PageChannelConnection connection = await ConnectAsync(hung.Info, time);

        Task<ChannelReply> read = connection.SendAsync(Read(0, new byte[10]), 1, Long, default).AsTask();
        await asked.Task.WaitAsync(RawClient.Patience);
        time.Advance(TimeSpan.FromMilliseconds(600));
        await pinged.Task.WaitAsync(RawClient.Patience);
        Assert.False(read.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(500));

        Assert.Equal(ChannelOutcome.TimedOut, (await read.WaitAsync(RawClient.Patience)).Outcome);
        Assert.False(connection.IsOpen);
    }

    [Fact]
    public async Task Worker_SlowButAlive_IsNotGivenUp()
    {
        var time = new FakeTimeProvider();
        await using var worker = new TestWorker();
        var started = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        worker.Handler.BeforeRead = (_, _) =>
        {
            started.TrySetResult();
            return gate.Task;
        };
        PageChannelConnection connection = await ConnectAsync(worker.Info, time);

        Task<ChannelReply> slow = connection.SendAsync(Read(0, new byte[10]), 1, Long, default).AsTask();
        await started.Task.WaitAsync(RawClient.Patience);
        for (int i = 0; i < 10; i++)
        {
            time.Advance(TimeSpan.FromMilliseconds(600));
            Assert.True((await connection.SendAsync(ChannelRequest.Ping, 0, Long, default).AsTask().WaitAsync(RawClient.Patience)).IsOk);
        }

        gate.SetResult();
        Assert.True((await slow.WaitAsync(RawClient.Patience)).IsOk);
        await connection.CloseAsync();
    }

    [Fact]
    public async Task Connection_DiesInTheMiddleOfAReply_EndsEveryRequestWithAValue()
    {
        await using var server = new RawServer(static async (socket, token) =>
        {
            await RawServer.SayHelloAsync(socket, token);
            (FrameHeader first, _) = await RawServer.ReceiveAsync(socket, token);
            await RawServer.ReceiveAsync(socket, token);
            await socket.SendAsync(RawServer.DataHeader(first.RequestId, 1000), token);
            await socket.SendAsync(new byte[400], token);
        });
        PageChannelConnection connection = await ConnectAsync(server.Info);

        Task<ChannelReply> half = connection.SendAsync(Read(0, new byte[1000]), 1, Long, default).AsTask();
        Task<ChannelReply> other = connection.SendAsync(Read(1, new byte[1000]), 1, Long, default).AsTask();

        Assert.Equal(ChannelOutcome.ConnectionLost, (await half.WaitAsync(RawClient.Patience)).Outcome);
        Assert.Equal(ChannelOutcome.ConnectionLost, (await other.WaitAsync(RawClient.Patience)).Outcome);
        Assert.Equal(ChannelOutcome.ConnectionLost, (await connection.SendAsync(Read(2, new byte[10]), 1, Long, default)).Outcome);
    }

    [Fact]
    public async Task Reply_LongerThanItsRequest_EndsTheConnectionAndWritesNothingBeyond()
    {
        await using var server = new RawServer(static async (socket, token) =>
        {
            await RawServer.SayHelloAsync(socket, token);
            (FrameHeader read, _) = await RawServer.ReceiveAsync(socket, token);
            await socket.SendAsync(RawServer.DataHeader(read.RequestId, 1000), token);
            await socket.SendAsync(Enumerable.Repeat((byte)0xEE, 1000).ToArray(), token);
        });
        PageChannelConnection connection = await ConnectAsync(server.Info);
        byte[] memory = new byte[1000];

        ChannelReply reply = await connection.SendAsync(Read(0, memory.AsMemory(0, 10)), 1, Long, default).AsTask().WaitAsync(RawClient.Patience);

        Assert.Equal(ChannelOutcome.ConnectionLost, reply.Outcome);
        Assert.Contains("protocol", reply.Message, StringComparison.Ordinal);
        Assert.All(memory, static b => Assert.Equal(0, b));
    }

    [Fact]
    public async Task Connect_ToAnotherCluster_SaysSo()
    {
        await using var worker = new TestWorker();

        ConnectResult result = await new PageChannelConnector(new ChannelOptions { ClusterId = "mine" }, TimeProvider.System).ConnectAsync(worker.Info, default);

        Assert.Null(result.Connection);
        Assert.Equal(PageChannelStatus.WrongCluster, result.Status);
        Assert.Contains("test-cluster", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_ToNobody_IsAValue()
    {
        WorkerInfo gone;
        await using (var worker = new TestWorker())
        {
            gone = worker.Info;
        }

        ConnectResult result = await new PageChannelConnector(new ChannelOptions(), TimeProvider.System).ConnectAsync(gone, default);

        Assert.Null(result.Connection);
        Assert.NotNull(result.Error);
    }

    [Fact]
    public async Task Connect_ToAListenerThatNeverAnswers_TimesOut()
    {
        var time = new FakeTimeProvider();
        var accepted = new TaskCompletionSource();
        await using var server = new RawServer((_, token) =>
        {
            accepted.SetResult();
            return Task.Delay(Timeout.Infinite, token);
        });

        Task<ConnectResult> connecting = new PageChannelConnector(new ChannelOptions(), time).ConnectAsync(server.Info, default);
        await accepted.Task.WaitAsync(RawClient.Patience);
        time.Advance(TimeSpan.FromSeconds(2));

        Assert.Contains("timed out", (await connecting.WaitAsync(RawClient.Patience)).Error, StringComparison.Ordinal);
    }

    private static ChannelRequest Read(long offset, Memory<byte> destination) =>
        new(PageChannelOpcode.Read, "/f"u8.ToArray(), 0, new FileId(1, 2), new FileVersion(3), offset, destination);

    private static async Task<PageChannelConnection> ConnectAsync(WorkerInfo worker, TimeProvider? time = null)
    {
        ConnectResult result = await new PageChannelConnector(new ChannelOptions(), time ?? TimeProvider.System).ConnectAsync(worker, default);
        Assert.True(result.Connection is not null, result.Error);
        return result.Connection;
    }
}
