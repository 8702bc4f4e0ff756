using Dora.Core.Linux;
using Dora.PageChannel.Codec;
using Dora.PageChannel.Server;

namespace Dora.Tests.PageChannel.Server;

/// <summary>
/// A worker behind the sockets that a test can steer: reads give <see cref="ByteAt"/> of any file, after <see cref="BeforeRead"/>; stats give
/// <see cref="OnStat"/>.
/// </summary>
internal sealed class FakeRequestHandler : IPageRequestHandler, IWarmLender
{
    private int _reads;
    private int _loans;

    public long MembershipVersion { get; set; } = 1;

    public int Reads => _reads;

    public int Loans => _loans;

    /// <summary>Lends the bytes of a read; nothing by default.</summary>
    public Func<ByteRange, LentBytes?> OnLend { get; set; } = static _ => null;

    /// <summary>Whether reads are answered on the spot.</summary>
    public bool IsWarm { get; set; }

    public Func<ReadArguments, CancellationToken, Task> BeforeRead { get; set; } = static (_, _) => Task.CompletedTask;

    public Func<ReadArguments, ReadOutcome?> OnRead { get; set; } = static _ => null;

    public Func<string, StatFlags, StatOutcome> OnStat { get; set; } = static (path, _) => new StatOutcome(PageChannelStatus.NotFound, 1, $"'{path}' does not exist");

    public static byte ByteAt(long offset) => (byte)((offset * 2_654_435_761) >> 13);

    public static bool IsRight(ReadOnlySpan<byte> bytes, long offset)
    {
        for (int i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != ByteAt(offset + i))
            {
                return false;
            }
        }

        return true;
    }

    public bool TryReadWarm(in ReadRequest request, Span<byte> destination, out ReadOutcome outcome)
    {
        for (int i = 0; IsWarm && i < destination.Length; i++)
        {
            destination[i] = ByteAt(request.Offset + i);
        }

        outcome = new ReadOutcome(PageChannelStatus.Ok, MembershipVersion, null, destination.Length);
        return IsWarm;
    }

    public bool TryLendWarm(in ReadRequest request, int least, out ReadOutcome outcome, out LentBytes lent)
    {
        (outcome, lent) = (new ReadOutcome(PageChannelStatus.Ok, MembershipVersion, null, request.Length), default);
        if (request.Length < least || OnLend(new ByteRange(request.Offset, request.Length)) is not { } loan)
        {
            return false;
        }

        Interlocked.Increment(ref _loans);
        lent = loan;
        return true;
    }

    public bool TryLendFileWarm(in ReadFileRequest request, int least, out WarmFileOutcome outcome, out LentBytes lent)
    {
        (outcome, lent) = (default, default);
        return false;
    }

    public Func<KnownArguments, Memory<byte>, ReadOutcome> OnKnown { get; set; } = static (_, _) => new ReadOutcome(PageChannelStatus.NotCached, 1, "unknown");

    public ValueTask<ReadOutcome> KnownAsync(KnownArguments arguments, long membershipVersion, Memory<byte> destination, CancellationToken cancellationToken) =>
        new(OnKnown(arguments, destination));

    public Func<ListArguments, Memory<byte>, ReadOutcome> OnList { get; set; } = static (_, _) => new ReadOutcome(PageChannelStatus.NotDirectory, 1, "a file");

    public ValueTask<ReadOutcome> ListAsync(ListArguments arguments, Memory<byte> destination, CancellationToken cancellationToken) => new(OnList(arguments, destination));

    public Func<ViewRequest, CancellationToken, Task<ViewOutcome>> OnView { get; set; } = static (_, _) => Task.FromResult(new ViewOutcome(PageChannelStatus.NotSupported, 1, "no view"));

    public ValueTask<ViewOutcome> ViewAsync(ViewRequest request, CancellationToken cancellationToken) => new(OnView(request, cancellationToken));

    public ValueTask<StatOutcome> StatAsync(string path, StatFlags flags, CancellationToken cancellationToken) => new(OnStat(path, flags));

    public async ValueTask<ReadOutcome> ReadAsync(ReadArguments arguments, Memory<byte> destination, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _reads);
        await BeforeRead(arguments, cancellationToken);
        if (OnRead(arguments) is { } outcome)
        {
            return outcome;
        }

        Span<byte> span = destination.Span;
        for (int i = 0; i < span.Length; i++)
        {
            span[i] = ByteAt(arguments.Range.Offset + i);
        }

        return new ReadOutcome(PageChannelStatus.Ok, MembershipVersion, null, span.Length);
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
