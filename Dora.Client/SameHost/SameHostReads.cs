using System.Buffers;
using System.Runtime.CompilerServices;
using Dora.Client.Files;
using Dora.Client.Routing;
using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;
using Dora.PageChannel.SameHost;

namespace Dora.Client.SameHost;

/// <summary>
/// Reads cached bytes of workers on this host from their segments' files (docs/same-host.md). Whatever cannot be read so is left to the page channel, with no
/// word about why.
/// </summary>
/// <param name="router">Asks where bytes lie.</param>
/// <param name="time">Says when the worker is told again what is used.</param>
internal sealed class SameHostReads(RequestRouter router, TimeProvider time)
{
    /// <summary>Files from this length on are located and read; shorter ones come over the page channel as quickly.</summary>
    public const int MinFile = 32 * 1024;

    private const int RepliesBytes = PageLocation.MaxInReply * PageLocation.Size;

    /// <summary>How far ahead of a read pages are asked for.</summary>
    private const long Ahead = 16L * 1024 * 1024;

    /// <summary>How often the worker is told that a page is in use, so that it is not evicted.</summary>
    private static readonly TimeSpan Telling = TimeSpan.FromSeconds(1);

    private readonly long _telling = (long)(Telling.TotalSeconds * time.TimestampFrequency);
    private long _read;
    private long _changed;

    /// <summary>Reads served from segments' files.</summary>
    public long Read => Interlocked.Read(ref _read);

    /// <summary>Reads that found their segment changed, and were repeated otherwise.</summary>
    public long Changed => Interlocked.Read(ref _changed);

    /// <summary>Reads what is located and in memory from an offset on, on the caller's thread.</summary>
    /// <param name="session">The worker's.</param>
    /// <param name="file">The file.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="destination">Receives the bytes.</param>
    /// <param name="isLocated">Whether the first byte that was not read is located: then the worker need not be asked where it is.</param>
    /// <returns>Bytes read, without a gap.</returns>
    public int ReadLocated(SameHostSession session, OpenFile file, long offset, Span<byte> destination, out bool isLocated)
    {
        long now = time.GetTimestamp();
        int total = 0;
        isLocated = false;
        while (total < destination.Length)
        {
            long position = offset + total;
            PageKey page = LocatedPages.KeyOf(file.File, file.Version, position);
            if (session.Pages.Find(page, position) is not { } piece)
            {
                return total;
            }

            int from = (int)(position - piece.Location.Offset);
            int count = Math.Min(destination.Length - total, piece.Location.Length - from);
            SegmentRead read = piece.File.Read(piece.Location, from, destination.Slice(total, count), now);
            if (read != SegmentRead.Right)
            {
                isLocated = read == SegmentRead.NotInMemory;
                if (!isLocated)
                {
                    Interlocked.Increment(ref _changed);
                    session.Pages.Forget(page, piece);
                }

                return total;
            }

            total += count;
            if (piece.IsDue(now, _telling))
            {
                _ = TellAsync(session, file, position, count);
            }
        }

        Interlocked.Increment(ref _read);
        return total;
    }

    /// <summary>Asks again, in the background: the worker takes it for a use.</summary>
    private async Task TellAsync(SameHostSession session, OpenFile file, long offset, int length)
    {
        try
        {
            await LocateAsync(session, file, offset, length, ahead: 0, CancellationToken.None).ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // The client was closed.
        }
    }

    /// <summary>Asks the worker where bytes lie, and for the segments that were not given before. Nothing comes of a failure.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> LocateAsync(
        SameHostSession session, OpenFile file, long offset, int length, long ahead, CancellationToken cancellationToken)
    {
        byte[] bytes = ArrayPool<byte>.Shared.Rent(RepliesBytes);
        try
        {
            var request = new ChannelRequest(
                PageChannelOpcode.Locate, file.Target.Utf8, File: file.File, Version: file.Version, Offset: offset,
                Destination: bytes.AsMemory(0, RepliesBytes), MaxLength: Math.Min(length, PageChannelProtocol.MaxReadLength), Ahead: ahead);
            ChannelReply reply = await router.AskAsync(session.Worker, request, cancellationToken).ConfigureAwait(false);
            for (int at = 0; reply.IsOk && at < reply.Bytes; at += PageLocation.Size)
            {
                if (PageLocation.TryRead(bytes.AsSpan(at), out PageLocation location)
                    && (session.Find(location.Segment) ?? await session.GetAsync(location.Segment).ConfigureAwait(false)) is { } segment)
                {
                    session.Pages.Add(LocatedPages.KeyOf(file.File, file.Version, location.Offset), new LocatedPiece(location, segment, time.GetTimestamp()));
                }
            }

            return reply is { IsOk: true, Bytes: > 0 };
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>As <see cref="LocateAsync"/> ahead of a read as well.</summary>
    public ValueTask<bool> LocateAheadAsync(SameHostSession session, OpenFile file, long offset, int length, CancellationToken cancellationToken) =>
        LocateAsync(session, file, offset, length, Ahead, cancellationToken);

    /// <summary>Opens a file and reads it from its start: one small question, and the bytes from the segments.</summary>
    /// <returns>The file, or <see langword="null"/>: not so.</returns>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<StatReply?> TryReadFileAsync(RouteTarget target, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (target.KnownLength < MinFile || router.SameHost(target) is not { } session)
        {
            return null;
        }

        byte[] bytes = ArrayPool<byte>.Shared.Rent(RepliesBytes);
        try
        {
            int wanted = Math.Min(buffer.Length, PageChannelProtocol.MaxReadLength);
            var request = new ChannelRequest(
                PageChannelOpcode.Locate, target.Utf8, Destination: bytes.AsMemory(0, RepliesBytes), MaxLength: wanted);
            ChannelReply reply = await router.AskAsync(session.Worker, request, cancellationToken).ConfigureAwait(false);
            if (!reply.IsOk || reply.Stat.Kind != FileKind.File)
            {
                return null;
            }

            long whole = Math.Min(buffer.Length, reply.Stat.Length);
            int read = 0;
            for (int at = 0; at < reply.Bytes && read < whole; at += PageLocation.Size)
            {
                if (!PageLocation.TryRead(bytes.AsSpan(at), out PageLocation location) || location.Offset > read || location.End <= read
                    || (session.Find(location.Segment) ?? await session.GetAsync(location.Segment).ConfigureAwait(false)) is not { } segment)
                {
                    return null;
                }

                int from = (int)(read - location.Offset);
                int count = (int)Math.Min(location.Length - from, whole - read);
                if (segment.Read(location, from, buffer.Span.Slice(read, count), time.GetTimestamp()) != SegmentRead.Right)
                {
                    return null;
                }

                read += count;
            }

            if (read < whole)
            {
                return null;
            }

            Interlocked.Increment(ref _read);
            return reply.Stat;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
