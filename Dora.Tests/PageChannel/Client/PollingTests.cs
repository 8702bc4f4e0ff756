using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;
using Dora.PageChannel.Transport;
using Dora.Tests.PageChannel.Server;
using Microsoft.Extensions.Time.Testing;

namespace Dora.Tests.PageChannel.Client;

/// <summary>Whole connections that poll: what ends a request while its answer is polled for, and callers that use the polling thread for themselves.</summary>
public sealed class PollingTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);
    private static readonly ChannelOptions Options = new() { PollTime = SocketPoller.MaxTime };

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    [InlineData(1000)]
    public async Task Reads_OneAfterAnother_GetTheirBytes_WhateverThePollTime(int microseconds)
    {
        TimeSpan poll = TimeSpan.FromMicroseconds(microseconds);
        await using var worker = new TestWorker(configure: o => o with { PollTime = poll });
        worker.Handler.IsWarm = true;
        PageChannelConnection connection = await ConnectAsync(worker.Info, Options with { PollTime = poll });

        for (int i = 0; i < 2000; i += 100)
        {
            Assert.True(await ReadOneAfterAnotherAsync(connection, i, 100).WaitAsync(RawClient.Patience));
        }

        await connection.CloseAsync().WaitAsync(RawClient.Patience);
    }

    [Fact]
    public async Task Worker_ClosesWhileItsAnswerIsPolledFor_TheRequestEndsWithAValue()
    {
        for (int round = 0; round < 30; round++)
        {
            await using var server = new RawServer(static async (socket, token) =>
            {
                await RawServer.SayHelloAsync(socket, token);
                (FrameHeader first, _) = await RawServer.ReceiveAsync(socket, token);
                await socket.SendAsync((byte[])[.. RawServer.DataHeader(first.RequestId, 10), .. new byte[10]], token);
                await RawServer.ReceiveAsync(socket, token);
            });
            PageChannelConnection connection = await ConnectAsync(server.Info, Options);

            ChannelReply lost = await ReadTwiceAsync(connection).WaitAsync(RawClient.Patience);

            Assert.Equal(ChannelOutcome.ConnectionLost, lost.Outcome);
        }
    }

    [Fact]
    public async Task Worker_NeverAnswers_TimeoutAndCancellationEndRequestsThatWerePolledFor()
    {
        var time = new FakeTimeProvider();
        var asked = new SemaphoreSlim(0);
        await using var server = new RawServer(async (socket, token) =>
        {
            await RawServer.SayHelloAsync(socket, token);
            while (true)
            {
                await RawServer.ReceiveAsync(socket, token);
                asked.Release();
            }
        });
        PageChannelConnection connection = await ConnectAsync(server.Info, Options, time);
        using var cancel = new CancellationTokenSource();

        Task<ChannelReply> late = connection.SendAsync(Read(0, new byte[10]), 1, TimeSpan.FromMilliseconds(200), default).AsTask();
        Task<ChannelReply> cancelled = connection.SendAsync(Read(0, new byte[10]), 1, Long, cancel.Token).AsTask();
        Assert.True(await asked.WaitAsync(RawClient.Patience) && await asked.WaitAsync(RawClient.Patience));
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(RawClient.Patience));
        time.Advance(TimeSpan.FromMilliseconds(250));

        Assert.Equal(ChannelOutcome.TimedOut, (await late.WaitAsync(RawClient.Patience)).Outcome);
        await connection.CloseAsync().WaitAsync(RawClient.Patience);
    }

    [Fact]
    public async Task Close_WhileOthersReadOneAfterAnother_EndsThemAll()
    {
        await using var worker = new TestWorker(configure: static o => o with { PollTime = SocketPoller.MaxTime });
        worker.Handler.IsWarm = true;
        PageChannelConnection connection = await ConnectAsync(worker.Info, Options);
        var busy = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

        Task<ChannelReply>[] readers = [.. Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            ChannelReply reply;
            int count = 0;
            do
            {
                reply = await connection.SendAsync(Read(0, new byte[100]), 1, Long, default).ConfigureAwait(false);
                if (++count == 200)
                {
                    busy.TrySetResult();
                }
            }
            while (reply.IsOk);
            return reply;
        }))];
        await busy.Task.WaitAsync(RawClient.Patience);
        await connection.CloseAsync().WaitAsync(RawClient.Patience);

        Assert.All(await Task.WhenAll(readers).WaitAsync(RawClient.Patience), static r => Assert.Equal(ChannelOutcome.ConnectionLost, r.Outcome));
    }

    [Fact]
    public async Task Caller_BlocksThePollingThreadUntilAnotherAnswerComes_ItComes()
    {
        await using var worker = new TestWorker(configure: static o => o with { PollTime = SocketPoller.MaxTime });
        worker.Handler.IsWarm = true;
        PageChannelConnection connection = await ConnectAsync(worker.Info, Options);

        Task<bool> blocking = Task.Run(async () =>
        {
            bool isRight = true;
            for (int i = 0; i < 5; i++)
            {
                await connection.SendAsync(Read(i, new byte[10]), 1, Long, default).ConfigureAwait(false);
                isRight &= connection.SendAsync(Read(i, new byte[10]), 1, Long, default).AsTask().GetAwaiter().GetResult().IsOk;
            }

            return isRight;
        });

        Assert.True(await blocking.WaitAsync(RawClient.Patience));
        await connection.CloseAsync().WaitAsync(RawClient.Patience);
    }

    /// <summary>Goes on where the answers come in, so that they are polled for.</summary>
    private static async Task<bool> ReadOneAfterAnotherAsync(PageChannelConnection connection, int from, int count)
    {
        bool isRight = true;
        for (int i = from; i < from + count; i++)
        {
            byte[] buffer = new byte[1 + (i * 131 % 70_000)];
            ChannelReply reply = await connection.SendAsync(Read(i, buffer), 1, Long, default).ConfigureAwait(false);
            isRight &= reply.IsOk && FakeRequestHandler.IsRight(buffer, i);
        }

        return isRight;
    }

    /// <summary>The second goes out from the thread that receives, which then polls for its answer.</summary>
    private static async Task<ChannelReply> ReadTwiceAsync(PageChannelConnection connection)
    {
        Assert.True((await connection.SendAsync(Read(0, new byte[10]), 1, Long, default).ConfigureAwait(false)).IsOk);
        return await connection.SendAsync(Read(1, new byte[10]), 1, Long, default).ConfigureAwait(false);
    }

    private static ChannelRequest Read(long offset, Memory<byte> destination) =>
        new(PageChannelOpcode.Read, "/f"u8.ToArray(), 0, new FileId(1, 2), new FileVersion(3), offset, destination);

    private static async Task<PageChannelConnection> ConnectAsync(WorkerInfo worker, ChannelOptions options, TimeProvider? time = null)
    {
        ConnectResult result = await new PageChannelConnector(options, time ?? TimeProvider.System).ConnectAsync(worker, default);
        Assert.True(result.Connection is not null, result.Error);
        return result.Connection;
    }
}
