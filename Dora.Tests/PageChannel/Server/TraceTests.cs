using System.Diagnostics;
using Dora.Diagnostics;
using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;
using Dora.Tests.Doubles;
using Dora.Tests.PageChannel.Client;
using Dora.Tests.Waiting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dora.Tests.PageChannel.Server;

/// <summary>A request's span on its way from the client to the worker, with new and older ends.</summary>
public sealed class TraceTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Read_WithinARecordedSpan_IsAnsweredInItsChild(bool isWarm)
    {
        using var spans = new SpanCollector();
        await using var worker = new TestWorker();
        worker.Handler.IsWarm = isWarm;
        await using PageChannelPool pool = Pool();
        using Activity parent = Recorded();

        byte[] buffer = new byte[100];
        Assert.True((await ReadAsync(pool, worker.Info, buffer)).IsOk);

        Activity span = await spans.OneAsync(parent, "dora.worker.read");
        Assert.Equal((parent.SpanId, ActivityKind.Server, ActivityStatusCode.Unset), (span.ParentSpanId, span.Kind, span.Status));
        Assert.Equal("w0", span.GetTagItem(DoraLabels.Worker));
        Assert.Equal(isWarm ? 0 : 1, worker.Handler.Reads);
        Assert.True(FakeRequestHandler.IsRight(buffer, 0));
    }

    [Fact]
    public async Task Stat_ThatFails_EndsItsSpanWithTheError()
    {
        using var spans = new SpanCollector();
        await using var worker = new TestWorker();
        await using PageChannelPool pool = Pool();
        using Activity parent = Recorded();

        await pool.For(worker.Info).SendAsync(new ChannelRequest(PageChannelOpcode.Stat, "/f"u8.ToArray()), 1, RawClient.Patience, default);

        Activity span = await spans.OneAsync(parent, "dora.worker.stat");
        Assert.Equal((ActivityStatusCode.Error, (object?)nameof(DoraErrorCode.NotFound)), (span.Status, span.GetTagItem(DoraLabels.ErrorType)));
    }

    [Fact]
    public async Task Handler_InARequestsSpan_IsItsCurrent()
    {
        using var spans = new SpanCollector();
        await using var worker = new TestWorker();
        Activity? current = null;
        worker.Handler.BeforeRead = (_, _) =>
        {
            current = Activity.Current;
            return Task.CompletedTask;
        };
        await using PageChannelPool pool = Pool();
        using Activity parent = Recorded();

        await ReadAsync(pool, worker.Info, new byte[10]);

        Assert.Equal(("dora.worker.read", parent.TraceId), (current?.OperationName, current?.TraceId));
    }

    [Theory]
    [InlineData(4, true, false)]
    [InlineData(5, true, true)]
    [InlineData(5, false, false)]
    public async Task Field_IsSent_OnlyOfARecordedSpanToAWorkerThatKnowsIt(ushort version, bool isRecorded, bool isSent)
    {
        var received = new TaskCompletionSource<FrameHeader>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var server = new RawServer(async (socket, token) =>
        {
            await RawServer.SayHelloAsync(socket, token, version: version);
            (FrameHeader header, _) = await RawServer.ReceiveAsync(socket, token);
            received.SetResult(header);
            await Task.Delay(Timeout.Infinite, token);
        });
        await using PageChannelPool pool = Pool(cluster: null);
        using Activity span = isRecorded ? Recorded() : new Activity("test").SetIdFormat(ActivityIdFormat.W3C).Start();
        using var giveUp = new CancellationTokenSource();

        Task<ChannelReply> reading = ReadAsync(pool, server.Info, new byte[10], giveUp.Token);
        FrameHeader header = await received.Task.Within("the request");
        await giveUp.CancelAsync();

        Assert.Equal(isSent, TraceField.IsIn(header));
        Assert.Equal(ReadRequest.FixedSize + 2 + (isSent ? TraceField.Size : 0), header.BodyLength);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
    }

    [Theory]
    [InlineData(4, PageChannelOpcode.Goodbye, PageChannelStatus.MalformedFrame)]
    [InlineData(5, PageChannelOpcode.StatReply, PageChannelStatus.NotFound)]
    internal async Task Field_OnAConnectionOfAVersionWithoutIt_IsMalformed(ushort version, PageChannelOpcode opcode, PageChannelStatus status)
    {
        await using var worker = new TestWorker();
        using RawClient client = await RawClient.ConnectAsync(worker.Listener.EndPoint);
        await client.SendAsync(RawClient.Hello(maxVersion: version));
        await client.ReceiveAsync("the hello reply");
        using Activity span = Recorded();
        byte[] frame = new byte[PageChannelProtocol.MaxControlFrame];
        int length = new ChannelRequest(PageChannelOpcode.Stat, "/f"u8.ToArray(), Trace: span).Write(frame, 7, 1);

        await client.SendAsync(frame[..length]);
        (FrameHeader header, _) = await client.ReceiveAsync("the answer");

        Assert.Equal((opcode, status), (header.Opcode, header.Status));
    }

    private static PageChannelPool Pool(string? cluster = TestWorker.ClusterId) =>
        new(new ChannelOptions { ClusterId = cluster ?? "" }, TimeProvider.System, NullLogger.Instance);

    private static Task<ChannelReply> ReadAsync(PageChannelPool pool, WorkerInfo worker, byte[] buffer, CancellationToken cancellationToken = default) => pool.For(worker).SendAsync(
        new ChannelRequest(PageChannelOpcode.Read, "/f"u8.ToArray(), File: new FileId(1, 2), Version: new FileVersion(3), Destination: buffer),
        1,
        RawClient.Patience,
        cancellationToken).AsTask();

    private static Activity Recorded()
    {
        var span = new Activity("test") { ActivityTraceFlags = ActivityTraceFlags.Recorded };
        return span.SetIdFormat(ActivityIdFormat.W3C).Start();
    }
}
