using System.Text;
using Dora.PageChannel.Codec;
using Dora.PageChannel.Server;
using Dora.Tests.Waiting;

namespace Dora.Tests.PageChannel.Server;

/// <summary>Views and listings at the worker's end of a connection.</summary>
public sealed class ViewRequestTests
{
    [Theory]
    [InlineData("list", PageChannelProtocol.ListVersion - 1, false)]
    [InlineData("view", PageChannelProtocol.ListVersion - 1, false)]
    [InlineData("list", PageChannelProtocol.ListVersion, true)]
    [InlineData("view", PageChannelProtocol.ListVersion, true)]
    public async Task Request_IsPartOfVersion5(string name, ushort version, bool isKnown)
    {
        await using var worker = new TestWorker();
        using RawClient client = await OpenAsync(worker, version);

        await client.SendAsync(Golden(name));
        (FrameHeader header, _) = await client.ReceiveAsync("the answer");

        Assert.Equal(isKnown, header.Opcode != PageChannelOpcode.Goodbye);
        Assert.Equal(isKnown ? (name == "list" ? PageChannelStatus.NotDirectory : PageChannelStatus.NotSupported) : PageChannelStatus.MalformedFrame, header.Status);
    }

    [Fact]
    public async Task List_ReachesTheHandlerAsItWasAsked()
    {
        await using var worker = new TestWorker();
        ListArguments seen = default;
        worker.Handler.OnList = (arguments, body) =>
        {
            seen = arguments with { Path = arguments.Path.ToArray(), Continuation = arguments.Continuation.ToArray() };
            return new ReadOutcome(PageChannelStatus.Ok, 8, null, new ListPage(default, "s3://b", null, 5, []).WriteHead(body.Span));
        };
        using RawClient client = await OpenAsync(worker);

        await client.SendAsync(Golden("list"));
        (FrameHeader header, byte[] body) = await client.ReceiveAsync("the page");

        Assert.Equal((PageChannelOpcode.ListReply, PageChannelStatus.Ok, 51UL, 8L), (header.Opcode, header.Status, header.RequestId, header.MembershipVersion));
        Assert.Equal((ListFlags.Failover, 1000, "/m/fü", "3/n1"), (seen.Flags, seen.Limit, Text(seen.Path), Text(seen.Continuation)));
        ReadOnlySpan<byte> left = body;
        Assert.True(ListPage.TryReadHead(ref left, out ListPage? page));
        Assert.Equal((UInt128)5, page.DirectoryId);
    }

    [Fact]
    public async Task Worker_Stops_DoesNotWaitForThoseWhoWaitForAChange()
    {
        var worker = new TestWorker(configure: static o => o with { DrainTimeout = TimeSpan.FromHours(1) });
        var waiting = new TaskCompletionSource();
        worker.Handler.OnView = async (_, token) =>
        {
            waiting.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
            throw new InvalidOperationException("nothing changes here");
        };
        using RawClient client = await OpenAsync(worker);
        await client.SendAsync(Golden("view"));
        await waiting.Task.Within("the view request to wait");

        await worker.DisposeAsync().AsTask().Within("the worker to stop");

        (FrameHeader answer, _) = await client.ReceiveAsync("the answer to the view request");
        Assert.Equal((PageChannelOpcode.ViewReply, PageChannelStatus.Cancelled), (answer.Opcode, answer.Status));
        Assert.Equal(PageChannelStatus.ShuttingDown, (await client.ReceiveLastAsync("the goodbye")).Header.Status);
    }

    [Fact]
    public async Task View_LargerThanTheClientTakes_IsRefused()
    {
        await using var worker = new TestWorker(configure: static o => o with { MaxReadLength = 1000 });
        worker.Handler.OnView = static (_, _) => Task.FromResult(new ViewOutcome(PageChannelStatus.Ok, 1, null, new byte[1001]));
        using RawClient client = await OpenAsync(worker);

        await client.SendAsync(Golden("view"));

        Assert.Equal(PageChannelStatus.NotSupported, (await client.ReceiveAsync("the refusal")).Header.Status);
    }

    private static string Text(ReadOnlyMemory<byte> utf8) => Encoding.UTF8.GetString(utf8.Span);

    private static async Task<RawClient> OpenAsync(TestWorker worker, ushort version = PageChannelProtocol.ListVersion)
    {
        RawClient client = await RawClient.ConnectAsync(worker.Listener.EndPoint);
        await client.SendAsync(RawClient.Hello(maxVersion: version));
        await client.ReceiveAsync("the hello reply");
        return client;
    }

    private static byte[] Golden(string name)
    {
        byte[] frame = new byte[PageChannelProtocol.MaxControlFrame];
        return frame[..Codec.FrameGoldenTests.Write(name, frame)];
    }
}
