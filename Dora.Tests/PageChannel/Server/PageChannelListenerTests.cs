using System.Text;
using Dora.PageChannel.Codec;
using Dora.PageChannel.Server;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Dora.Tests.PageChannel.Server;

/// <summary>The server against clients that keep the protocol and clients that do not.</summary>
public sealed class PageChannelListenerTests
{
    [Fact]
    public async Task Bind_PortInUse_SaysWhatToDo()
    {
        await using var worker = new TestWorker();
        var options = new PageChannelServerOptions { ClusterId = "c", WorkerId = new WorkerId("w1"), Port = worker.Info.PagePort };

        var error = Assert.Throws<DoraException>(() => PageChannelListener.Bind(options, TimeProvider.System, NullLogger<PageChannelListener>.Instance));

        Assert.Equal(DoraErrorCode.Configuration, error.Code);
        Assert.Contains($"port {worker.Info.PagePort} is in use: choose another", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("other", "w0", 1, "", (byte)PageChannelStatus.WrongCluster, "belongs to cluster 'test-cluster'")]
    [InlineData("test-cluster", "w9", 1, "", (byte)PageChannelStatus.WrongWorker, "this worker is 'w0'")]
    [InlineData("test-cluster", "w0", 7, "", (byte)PageChannelStatus.UnsupportedVersion, "update the older one")]
    [InlineData("test-cluster", "w0", 1, "guess", (byte)PageChannelStatus.Unauthenticated, "token")]
    public async Task Hello_Wrong_IsRefusedWithTheReason(string cluster, string workerId, ushort version, string token, byte status, string reason)
    {
        await using var worker = new TestWorker(configure: o => o with { Authenticator = new SharedSecrets([Encoding.UTF8.GetBytes(token.Length > 0 ? "secret" : "")]) });
        using RawClient client = await RawClient.ConnectAsync(worker.Listener.EndPoint);

        await client.SendAsync(RawClient.Hello(cluster, workerId, version, version, token));
        (FrameHeader header, string message) = await client.ReceiveLastAsync("the refusal");

        Assert.Equal((PageChannelOpcode.HelloReply, (PageChannelStatus)status), (header.Opcode, header.Status));
        Assert.Contains(reason, message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hello_WithoutClusterAndWorker_IsAccepted()
    {
        await using var worker = new TestWorker();
        using RawClient client = await RawClient.ConnectAsync(worker.Listener.EndPoint);

        await client.SendAsync(RawClient.Hello(cluster: "", worker: ""));
        (FrameHeader header, byte[] body) = await client.ReceiveAsync("the hello reply");

        Assert.True(FrameReader.ReadHelloReply(header, body, out HelloReply reply).IsOk);
        Assert.Equal("w0", Encoding.ASCII.GetString(reply.WorkerId));
        Assert.Equal(8, reply.MaxInFlight);
    }

    [Fact]
    public async Task Hello_WithTheToken_IsAccepted()
    {
        await using var worker = new TestWorker(configure: o => o with { Authenticator = new SharedSecrets(["secret"u8.ToArray()]) });
        using RawClient client = await RawClient.ConnectAsync(worker.Listener.EndPoint);

        await client.SendAsync(RawClient.Hello(token: "secret"));

        Assert.Equal(PageChannelStatus.Ok, (await client.ReceiveAsync("the hello reply")).Header.Status);
    }

    public static TheoryData<string, byte[]> BrokenFrames => new()
    {
        { "unknown opcode", Frame(h => h[4] = 0x7E) },
        { "oversized body", Frame(h => BitConverter.TryWriteBytes(h, 0x7FFF_FFFF)) },
        { "unknown flag", Frame(h => h[7] = 0x80) },
        { "negative membership version", Frame(h => h[23] = 0x80) },
        { "a frame only workers send", Frame(h => h[4] = (byte)PageChannelOpcode.Pong) },
        { "a second hello", RawClient.Hello() },
        { "another protocol", "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray() },
    };

    [Theory]
    [MemberData(nameof(BrokenFrames))]
    public async Task Frame_Malformed_EndsThatConnectionAndHarmsNobodyElse(string what, byte[] frame)
    {
        await using var worker = new TestWorker();
        using RawClient good = await RawClient.OpenAsync(worker.Listener.EndPoint);
        using RawClient bad = await RawClient.OpenAsync(worker.Listener.EndPoint);

        await bad.SendAsync(frame);
        (FrameHeader header, string message) = await bad.ReceiveLastAsync($"the goodbye after {what}");
        await good.SendAsync(RawClient.Read(5, 100, 1000));
        (FrameHeader reply, byte[] body) = await good.ReceiveAsync("the other client's data");

        Assert.Equal((PageChannelOpcode.Goodbye, PageChannelStatus.MalformedFrame), (header.Opcode, header.Status));
        Assert.NotEmpty(message);
        Assert.Equal((5UL, 1000), (reply.RequestId, reply.BodyLength));
        Assert.True(FakeRequestHandler.IsRight(body, 100));
    }

    [Fact]
    public async Task FirstFrame_NoHello_IsMalformed()
    {
        await using var worker = new TestWorker();
        using RawClient client = await RawClient.ConnectAsync(worker.Listener.EndPoint);

        await client.SendAsync(RawClient.Read(1, 0, 10));

        Assert.Equal(PageChannelStatus.MalformedFrame, (await client.ReceiveLastAsync("the goodbye")).Header.Status);
    }

    [Fact]
    public async Task RequestId_UsedTwiceAtATime_IsMalformed()
    {
        await using var worker = new TestWorker();
        worker.Handler.BeforeRead = static (_, token) => Task.Delay(Timeout.Infinite, token);
        using RawClient client = await RawClient.OpenAsync(worker.Listener.EndPoint);

        await client.SendAsync(RawClient.Read(1, 0, 10), RawClient.Read(1, 0, 10));

        Assert.Equal(PageChannelStatus.MalformedFrame, (await client.ReceiveLastAsync("the goodbye")).Header.Status);
    }

    [Fact]
    public async Task Frames_InPieces_AreAnswered()
    {
        await using var worker = new TestWorker();
        using RawClient client = await RawClient.OpenAsync(worker.Listener.EndPoint);

        foreach (byte b in RawClient.Read(9, 0, 4).Concat(RawClient.Ping(10)).ToArray())
        {
            await client.SendAsync([b]);
        }

        ulong[] answered = [(await client.ReceiveAsync("the first reply")).Header.RequestId, (await client.ReceiveAsync("the second reply")).Header.RequestId];
        Assert.Equal([9UL, 10UL], answered.Order());
    }

    [Fact]
    public async Task Cancel_OfARunningRead_IsAnsweredCancelled()
    {
        await using var worker = new TestWorker();
        var started = new TaskCompletionSource();
        worker.Handler.BeforeRead = (_, token) =>
        {
            started.TrySetResult();
            return Task.Delay(Timeout.Infinite, token);
        };
        using RawClient client = await RawClient.OpenAsync(worker.Listener.EndPoint);

        await client.SendAsync(RawClient.Read(1, 0, 10));
        await started.Task.WaitAsync(RawClient.Patience);
        await client.SendAsync(RawClient.Cancel(1), RawClient.Cancel(77));
        (FrameHeader header, _) = await client.ReceiveAsync("the cancelled reply");

        Assert.Equal((1UL, PageChannelStatus.Cancelled), (header.RequestId, header.Status));
    }

    [Fact]
    public async Task Read_LongerThanGranted_IsInvalid()
    {
        await using var worker = new TestWorker(configure: o => o with { MaxReadLength = 4096 });
        using RawClient client = await RawClient.OpenAsync(worker.Listener.EndPoint);

        await client.SendAsync(RawClient.Read(1, 0, 4097));

        Assert.Equal(PageChannelStatus.InvalidRequest, (await client.ReceiveAsync("the refusal")).Header.Status);
    }

    [Fact]
    public async Task Read_HandlerThrows_IsAnsweredFailedWithoutDetails()
    {
        await using var worker = new TestWorker();
        worker.Handler.BeforeRead = static (_, _) => throw new InvalidOperationException("secret detail");
        using RawClient client = await RawClient.OpenAsync(worker.Listener.EndPoint);

        await client.SendAsync(RawClient.Read(1, 0, 10));
        (FrameHeader header, byte[] body) = await client.ReceiveAsync("the failure");

        Assert.Equal(PageChannelStatus.Failed, header.Status);
        Assert.DoesNotContain("secret", Encoding.UTF8.GetString(body), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_BeyondTwiceTheGrant_AreAnsweredBusy_AndAFloodIsCut()
    {
        await using var worker = new TestWorker();
        worker.Handler.BeforeRead = static (_, token) => Task.Delay(Timeout.Infinite, token);
        using RawClient client = await RawClient.OpenAsync(worker.Listener.EndPoint, maxInFlight: 2);

        await client.SendAsync([.. Enumerable.Range(1, 5).Select(static i => RawClient.Read((ulong)i, 0, 10))]);
        (FrameHeader busy, _) = await client.ReceiveAsync("the busy reply");

        Assert.Equal((5UL, PageChannelStatus.Busy), (busy.RequestId, busy.Status));
    }

    [Fact]
    public async Task Connections_BeyondTheLimit_AreToldBusy()
    {
        await using var worker = new TestWorker(configure: o => o with { MaxConnections = 1 });
        using RawClient first = await RawClient.OpenAsync(worker.Listener.EndPoint);
        using RawClient second = await RawClient.ConnectAsync(worker.Listener.EndPoint);

        (FrameHeader header, _) = await second.ReceiveLastAsync("the refusal");

        Assert.Equal((PageChannelOpcode.Goodbye, PageChannelStatus.Busy), (header.Opcode, header.Status));
        Assert.Equal(1, worker.Listener.ConnectionCount);
    }

    [Fact]
    public async Task Connection_WithoutHello_IsClosedAfterTheTimeout()
    {
        var time = new FakeTimeProvider();
        await using var worker = new TestWorker(time: time);
        using RawClient silent = await RawClient.ConnectAsync(worker.Listener.EndPoint);
        using RawClient admitted = await RawClient.OpenAsync(worker.Listener.EndPoint);

        time.Advance(TimeSpan.FromSeconds(7));
        (FrameHeader header, _) = await silent.ReceiveLastAsync("the goodbye");
        await admitted.SendAsync(RawClient.Ping(3));

        Assert.Equal(PageChannelOpcode.Goodbye, header.Opcode);
        Assert.Equal(PageChannelOpcode.Pong, (await admitted.ReceiveAsync("the pong")).Header.Opcode);
    }

    [Fact]
    public async Task Connection_Idle_IsClosedWithAGoodbye()
    {
        var time = new FakeTimeProvider();
        await using var worker = new TestWorker(time: time);
        using RawClient client = await RawClient.OpenAsync(worker.Listener.EndPoint);

        time.Advance(TimeSpan.FromMinutes(11));
        (FrameHeader header, string message) = await client.ReceiveLastAsync("the goodbye");

        Assert.Equal((PageChannelOpcode.Goodbye, PageChannelStatus.Ok, "idle"), (header.Opcode, header.Status, message));
    }

    [Fact]
    public async Task Stop_WithAReadInFlight_AnswersItAndRefusesNewOnes()
    {
        await using var worker = new TestWorker();
        var started = new TaskCompletionSource();
        var finish = new TaskCompletionSource();
        worker.Handler.BeforeRead = (_, _) =>
        {
            started.TrySetResult();
            return finish.Task;
        };
        using RawClient client = await RawClient.OpenAsync(worker.Listener.EndPoint);
        await client.SendAsync(RawClient.Read(1, 0, 10));
        await started.Task.WaitAsync(RawClient.Patience);

        Task stopped = worker.Listener.StopAsync();
        (FrameHeader Header, byte[]) refused;
        do
        {
            // The stop reaches the connection in its own time; until then a ping is answered.
            await client.SendAsync(RawClient.Stat(2, "/x"));
            refused = await client.ReceiveAsync("the refusal");
        }
        while (refused.Header.Status == PageChannelStatus.NotFound);
        finish.SetResult();
        (FrameHeader data, _) = await client.ReceiveAsync("the data");
        (FrameHeader last, _) = await client.ReceiveLastAsync("the goodbye");
        client.Dispose();
        await stopped.WaitAsync(RawClient.Patience);

        Assert.Equal(PageChannelStatus.ShuttingDown, refused.Header.Status);
        Assert.Equal((1UL, PageChannelStatus.Ok, 10), (data.RequestId, data.Status, data.BodyLength));
        Assert.Equal((PageChannelOpcode.Goodbye, PageChannelStatus.ShuttingDown), (last.Opcode, last.Status));
        Assert.Equal(0, worker.Listener.ConnectionCount);
    }

    private static byte[] Frame(Action<byte[]> damage)
    {
        byte[] frame = RawClient.Ping(1);
        damage(frame);
        return frame;
    }
}
