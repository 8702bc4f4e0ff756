using Dora.PageChannel.Codec;
using Dora.PageChannel.Server;
using Dora.Storage.Files;
using Dora.Tests.Storage.Files;

namespace Dora.Tests.PageChannel.Server;

/// <summary>Replies hold copies: what happens to the pages behind them changes nothing (docs/decisions/0009-copy-not-sendfile.md).</summary>
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
    [InlineData(100_000)]
    [InlineData(1_000_000)]
    public async Task Reply_PagesFreedBeforeItIsRead_HasTheBytes(int length)
    {
        FileMetadata file = _fixture.Write("f", 1_000_000, out byte[] content);
        await _fixture.ReadCheckedAsync(file, content, 0, content.Length);
        await using var worker = new TestWorker(handler: new ReaderHandler(_fixture.Reader, file));
        using RawClient client = await RawClient.OpenAsync(worker.Listener.EndPoint);
        long freed = 0;

        await client.SendAsync(RawClient.Read(1, 0, length));
        (FrameHeader header, byte[] body) = await client.ReceiveAsync(
            "the reply", async () => freed = await _fixture.Reader.FreeAsync(file.Id, CancellationToken.None));

        Assert.Equal((PageChannelStatus.Ok, length), (header.Status, body.Length));
        Assert.True(freed >= content.Length, $"only {freed} bytes were freed");
        Assert.True(body.AsSpan().SequenceEqual(content.AsSpan(0, length)), "bytes changed on their way");
    }

    /// <summary>Every read is of one file, from a real page store.</summary>
    private sealed class ReaderHandler(FileReader reader, FileMetadata file) : IPageRequestHandler
    {
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
