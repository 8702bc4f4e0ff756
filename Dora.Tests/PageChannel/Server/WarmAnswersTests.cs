using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;
using Dora.PageChannel.Server;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dora.Tests.PageChannel.Server;

/// <summary>Requests that are answered on the thread that received them.</summary>
public sealed class WarmAnswersTests
{
    [Fact]
    public async Task Reads_ManyInOnePacket_AreAnsweredInOrder()
    {
        await using var worker = new TestWorker();
        worker.Handler.IsWarm = true;
        using RawClient client = await RawClient.OpenAsync(worker.Listener.EndPoint, maxInFlight: 256);

        await client.SendAsync([.. Enumerable.Range(0, 200).Select(static i => RawClient.Read((ulong)i + 1, i * 100L, i * 50))]);

        for (int i = 0; i < 200; i++)
        {
            await ExpectAsync(client, (ulong)i + 1, i * 100L, i * 50);
        }

        Assert.Equal(0, worker.Handler.Reads);
    }

    [Fact]
    public async Task Reads_SomeTooLongToBeAnsweredAtOnce_AreAllAnswered()
    {
        await using var worker = new TestWorker();
        worker.Handler.IsWarm = true;
        using RawClient client = await RawClient.OpenAsync(worker.Listener.EndPoint, maxInFlight: 64);
        int[] lengths = [10, 1_000_000, 100_000, 131_072, 131_073, 0, 65_536, 3_000_000, 5];

        await client.SendAsync([.. lengths.Select(static (length, i) => RawClient.Read((ulong)i + 1, i, length))]);

        var seen = new List<int>();
        foreach (int _ in lengths)
        {
            (FrameHeader header, byte[] body) = await client.ReceiveAsync("a reply");
            int which = (int)header.RequestId - 1;
            seen.Add(which);
            Assert.Equal(lengths[which], body.Length);
            Assert.True(FakeRequestHandler.IsRight(body, which));
        }

        Assert.Equal(Enumerable.Range(0, lengths.Length), seen.Order());
        Assert.Equal(3, worker.Handler.Reads);
    }

    [Fact]
    public async Task Malformed_BehindReads_EndsTheConnectionAfterTheirAnswers()
    {
        await using var worker = new TestWorker();
        worker.Handler.IsWarm = true;
        using RawClient client = await RawClient.OpenAsync(worker.Listener.EndPoint);
        byte[] broken = RawClient.Ping(9);
        broken[4] = 0x33;

        await client.SendAsync(RawClient.Read(1, 0, 1000), RawClient.Read(2, 5, 2000), broken);

        await ExpectAsync(client, 1, 0, 1000);
        await ExpectAsync(client, 2, 5, 2000);
        (FrameHeader goodbye, _) = await client.ReceiveAsync("the goodbye");
        Assert.Equal((PageChannelOpcode.Goodbye, PageChannelStatus.MalformedFrame), (goodbye.Opcode, goodbye.Status));
    }

    [Fact]
    public async Task Client_DoesNotReadItsReplies_OthersAreServed_AndItGetsThemAllInTheEnd()
    {
        const int Requests = 400;
        await using var worker = new TestWorker();
        worker.Handler.IsWarm = true;
        using RawClient slow = await RawClient.OpenAsync(worker.Listener.EndPoint, maxInFlight: Requests);
        using RawClient other = await RawClient.OpenAsync(worker.Listener.EndPoint);

        await slow.SendAsync([.. Enumerable.Range(0, Requests).Select(static i => RawClient.Read((ulong)i + 1, i, 65_536))]);
        for (int i = 0; i < 50; i++)
        {
            await other.SendAsync(RawClient.Read(7, i, 4096));
            await ExpectAsync(other, 7, i, 4096);
        }

        for (int i = 0; i < Requests; i++)
        {
            await ExpectAsync(slow, (ulong)i + 1, i, 65_536);
        }
    }

    [Fact]
    public async Task Memory_TooLittleForABatch_RequestsAreAnsweredOneByOne()
    {
        await using var worker = new TestWorker(configure: static o => o with { MaxReadLength = 64 * 1024, MaxReplyBytes = 128 * 1024 });
        worker.Handler.IsWarm = true;
        using RawClient client = await RawClient.OpenAsync(worker.Listener.EndPoint);

        await client.SendAsync(RawClient.Read(1, 3, 1000));

        await ExpectAsync(client, 1, 3, 1000);
        Assert.Equal(1, worker.Handler.Reads);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task NotWarm_TheOnlyRequest_IsNotAnsweredByTheThreadThatReceives(bool isStat)
    {
        using var go = new ManualResetEventSlim();
        var entered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var worker = new TestWorker();
        worker.Handler.OnStat = (_, _) =>
        {
            entered.SetResult();
            go.Wait();
            return new StatOutcome(PageChannelStatus.NotFound, 1, "nothing");
        };
        worker.Handler.BeforeRead = (_, _) =>
        {
            entered.SetResult();
            go.Wait(CancellationToken.None);
            return Task.CompletedTask;
        };
        using RawClient client = await RawClient.OpenAsync(worker.Listener.EndPoint);

        await client.SendAsync(isStat ? RawClient.Stat(1, "/f") : RawClient.Read(1, 0, 100));
        try
        {
            await entered.Task.WaitAsync(RawClient.Patience);

            // A disk may take seconds. The connection is served all the same.
            await client.SendAsync(RawClient.Ping(2));
            (FrameHeader pong, _) = await client.ReceiveAsync("the pong");
            Assert.Equal((PageChannelOpcode.Pong, 2ul), (pong.Opcode, pong.RequestId));
        }
        finally
        {
            go.Set();
        }

        (FrameHeader reply, _) = await client.ReceiveAsync("the reply");
        Assert.Equal(1ul, reply.RequestId);
    }

    [Fact]
    public async Task Caller_BlocksTheThreadThatReceives_OthersReceiveAndItGoesOn()
    {
        await using var worker = new TestWorker();
        worker.Handler.IsWarm = true;
        await using var pool = new PageChannelPool(
            new ChannelOptions { ClusterId = TestWorker.ClusterId, ConnectionsPerWorker = 1 }, TimeProvider.System, NullLogger.Instance);
        WorkerChannel channel = pool.For(worker.Info);

        bool[] ended = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => ReadAndBlockAsync(channel, i)))).WaitAsync(3 * RawClient.Patience);

        Assert.All(ended, Assert.True);
    }

    private static async Task<bool> ReadAndBlockAsync(WorkerChannel channel, int offset)
    {
        byte[] buffer = new byte[100];
        bool isRight = true;
        for (int i = 0; i < 3; i++)
        {
            // Goes on where the reply came in, and blocks there until another reply has come in on the same connection.
            await channel.SendAsync(Read(offset, buffer), 1, RawClient.Patience, default).ConfigureAwait(false);
            ChannelReply blocked = channel.SendAsync(Read(offset + 1, buffer), 1, RawClient.Patience, default).AsTask().GetAwaiter().GetResult();
            isRight &= blocked.IsOk && FakeRequestHandler.IsRight(buffer, offset + 1);
        }

        return isRight;
    }

    private static ChannelRequest Read(long offset, byte[] buffer) =>
        new(PageChannelOpcode.Read, "/f"u8.ToArray(), 0, new FileId(1, 2), new FileVersion(3), offset, buffer);

    private static async Task ExpectAsync(RawClient client, ulong id, long offset, int length)
    {
        (FrameHeader header, byte[] body) = await client.ReceiveAsync($"the reply to {id}");
        Assert.Equal((PageChannelOpcode.ReadReply, PageChannelStatus.Ok, id), (header.Opcode, header.Status, header.RequestId));
        Assert.Equal(length, body.Length);
        Assert.True(FakeRequestHandler.IsRight(body, offset));
    }
}
