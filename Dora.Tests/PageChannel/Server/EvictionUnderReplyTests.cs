using Dora.Core.Linux;
using Dora.PageChannel.Codec;
using Dora.PageChannel.Server;
using Dora.Storage.Files;
using Dora.Tests.Storage.Files;

namespace Dora.Tests.PageChannel.Server;

/// <summary>
/// Replies hold copies, made by this program or, from lent bytes, by the kernel: what happens to the pages behind them changes nothing
/// (docs/decisions/0014-sendfile.md).
/// </summary>
public sealed class EvictionUnderReplyTests : IAsyncLifetime
{
    private readonly FileFixture _fixture = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _fixture.IdleAsync();
        await _fixture.DisposeAsync();
    }

    [Theory]
    [InlineData(100_000, false)]
    [InlineData(1_000_000, false)]
    [InlineData(100_000, true)]
    [InlineData(FileFixture.Page, true)]
    public async Task Reply_PagesFreedBeforeItIsRead_HasTheBytes(int length, bool isLent)
    {
        FileMetadata file = _fixture.Write("f", 1_000_000, out byte[] content);
        await _fixture.ReadCheckedAsync(file, content, 0, content.Length);

        // From the pages, so that they are checked and count as warm.
        await _fixture.ReadCheckedAsync(file, content, 0, content.Length);
        var handler = new ReaderHandler(_fixture.Reader, file, isLent);
        await using var worker = new TestWorker(handler: handler);
        using RawClient client = await RawClient.OpenAsync(worker.Listener.EndPoint);
        long freed = 0;

        await client.SendAsync(RawClient.Read(1, 0, length));
        (FrameHeader header, byte[] body) = await client.ReceiveAsync(
            "the reply", async () => freed = await _fixture.Reader.FreeAsync(file.Id, CancellationToken.None));

        Assert.Equal((PageChannelStatus.Ok, length), (header.Status, body.Length));
        Assert.True(freed >= content.Length, $"only {freed} bytes were freed");
        Assert.True(body.AsSpan().SequenceEqual(content.AsSpan(0, length)), "bytes changed on their way");
        Assert.Equal(isLent ? 1 : 0, handler.Loans);
    }

    /// <summary>More than the sockets of both ends hold: answers are sent in part, and the rest is a copy that was made before the pages went.</summary>
    [Fact]
    public async Task Replies_MoreThanThePeerTakes_PagesFreedMeanwhile_HaveTheBytes()
    {
        const int Requests = 60;
        FileMetadata file = _fixture.Write("f", 1_000_000, out byte[] content);
        await _fixture.ReadCheckedAsync(file, content, 0, content.Length);

        // From the pages, so that they are checked and count as warm.
        await _fixture.ReadCheckedAsync(file, content, 0, content.Length);
        var handler = new ReaderHandler(_fixture.Reader, file, isLent: true);
        await using var worker = new TestWorker(handler: handler);
        using RawClient client = await RawClient.OpenAsync(worker.Listener.EndPoint, Requests);
        var seen = new HashSet<ulong>();

        await client.SendAsync([.. Enumerable.Range(1, Requests).Select(i => RawClient.Read((ulong)i, i * 1000, FileFixture.Page - (i * 1000)))]);
        for (int i = 0; i < Requests; i++)
        {
            (FrameHeader header, byte[] body) = await client.ReceiveAsync(
                "a reply", async () => await _fixture.Reader.FreeAsync(file.Id, CancellationToken.None));
            Assert.Equal((PageChannelStatus.Ok, FileFixture.Page - ((int)header.RequestId * 1000)), (header.Status, body.Length));
            Assert.True(body.AsSpan().SequenceEqual(content.AsSpan((int)header.RequestId * 1000, body.Length)), $"bytes of reply {header.RequestId} changed on their way");
            seen.Add(header.RequestId);
        }

        Assert.Equal(Requests, seen.Count);
        Assert.True(handler.Loans > 0, "nothing was lent");
    }

    /// <summary>Every read is of one file, from a real page store.</summary>
    private sealed class ReaderHandler(FileReader reader, FileMetadata file, bool isLent) : IPageRequestHandler, IWarmLender
    {
        private int _loans;

        public int Loans => _loans;

        public bool TryLendWarm(in ReadRequest request, int least, out ReadOutcome outcome, out LentBytes lent)
        {
            (outcome, lent) = (new ReadOutcome(PageChannelStatus.Ok, 1, null, request.Length), default);
            if (!isLent || request.Length < least || !((IWarmLoans)reader).TryLendWarm(file, new ByteRange(request.Offset, request.Length), out lent))
            {
                return false;
            }

            Interlocked.Increment(ref _loans);
            return true;
        }

        public bool TryLendFileWarm(in ReadFileRequest request, int least, out WarmFileOutcome outcome, out LentBytes lent)
        {
            (outcome, lent) = (default, default);
            return false;
        }

        public ValueTask<ReadOutcome> ListAsync(ListArguments arguments, Memory<byte> destination, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<ViewOutcome> ViewAsync(ViewRequest request, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<ReadOutcome> KnownAsync(KnownArguments arguments, long membershipVersion, Memory<byte> destination, CancellationToken cancellationToken) =>
            new(new ReadOutcome(PageChannelStatus.NotCached, 1, null));

        public long MembershipVersion => 1;

        public ValueTask<StatOutcome> StatAsync(string path, StatFlags flags, CancellationToken cancellationToken) => throw new NotSupportedException();

        public async ValueTask<ReadOutcome> ReadAsync(ReadArguments arguments, Memory<byte> destination, CancellationToken cancellationToken)
        {
            FileReadResult result = await reader.ReadAsync(file, arguments.Range, destination, FileReadMode.Cached, cancellationToken);
            return new ReadOutcome(PageChannelStatus.Ok, 1, null, result.Bytes);
        }

        public bool TryReadWarm(in ReadRequest request, Span<byte> destination, out ReadOutcome outcome)
        {
            outcome = new ReadOutcome(PageChannelStatus.Ok, 1, null, request.Length);
            return reader.TryReadWarm(file, new ByteRange(request.Offset, request.Length), destination);
        }

        public bool TryStatWarm(in StatRequest request, out StatOutcome outcome)
        {
            outcome = default;
            return false;
        }

        public bool TryLocateWarm(in LocateRequest request, Span<PageLocation> locations, out LocateOutcome outcome)
        {
            outcome = default;
            return false;
        }

        public bool TryReadFileWarm(in ReadFileRequest request, Span<byte> destination, out WarmFileOutcome outcome)
        {
            outcome = default;
            return false;
        }

        public ValueTask<LocateOutcome> LocateAsync(LocateArguments arguments, Memory<PageLocation> locations, CancellationToken cancellationToken) =>
            new(new LocateOutcome(PageChannelStatus.NotSupported, MembershipVersion, null));

        public ValueTask<StatOutcome> ReadSnapshotAsync(string path, ReadFlags flags, Memory<byte> destination, CancellationToken cancellationToken) =>
            new(new StatOutcome(PageChannelStatus.VersionChanged, MembershipVersion, null));

        public int WriteInvitation(Span<byte> destination, ulong requestId) => 0;
    }
}
