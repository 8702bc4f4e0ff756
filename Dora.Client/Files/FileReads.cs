using System.Runtime.CompilerServices;
using Dora.Client.Routing;
using Dora.Client.SameHost;
using Dora.Interfaces;
using Dora.PageChannel.SameHost;
using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;

namespace Dora.Client.Files;

/// <summary>An open file: what it is pinned to and where it is read.</summary>
/// <param name="Target">The path and its owner.</param>
/// <param name="File">The file.</param>
/// <param name="Version">The version it is pinned to.</param>
/// <param name="Length">Its length in bytes.</param>
/// <param name="Stat">What callers are told of it; <see langword="null"/> when there are none.</param>
/// <param name="Held">All its bytes, when they came with the answer that it was opened with.</param>
internal sealed record OpenFile(RouteTarget Target, FileId File, FileVersion Version, long Length, FileStat? Stat = null, byte[]? Held = null);

/// <summary>Reads ranges of open files: small ones with one request, large ones with several at a time.</summary>
/// <param name="router">Where requests go.</param>
/// <param name="sameHost">Reads from workers on this host.</param>
/// <param name="options">How reads are split.</param>
internal sealed class FileReads(RequestRouter router, SameHostReads sameHost, DoraClientOptions options)
{
    /// <summary>Most bytes that a stream fetches ahead of its reader.</summary>
    public int ReadAheadBytes => options.Reads.ReadAheadBytes;

    /// <summary>Fills the buffer with the bytes from an offset on. The caller has cut the buffer at the end of the file.</summary>
    /// <exception cref="DoraException">No way led to the bytes.</exception>
    public ValueTask ReadAsync(OpenFile file, long offset, Memory<byte> buffer, ReadFlags hint, CancellationToken cancellationToken) =>
        file.Held is { } held ? Copy(held, offset, buffer)
            : router.Local(file.Target) is { } local && TryReadHere(local, file, offset, buffer, hint)
            ? default
            : router.SameHost(file.Target) is { } session
            ? ReadHereAsync(session, file, offset, buffer, hint, cancellationToken)
            : ReadOverChannelAsync(file, offset, buffer, hint, cancellationToken);

    private static ValueTask Copy(byte[] held, long offset, Memory<byte> buffer)
    {
        held.AsSpan((int)offset, buffer.Length).CopyTo(buffer.Span);
        return default;
    }

    private ValueTask ReadHereAsync(
        SameHostSession session, OpenFile file, long offset, Memory<byte> buffer, ReadFlags hint, CancellationToken cancellationToken)
    {
        int read = sameHost.ReadLocated(session, file, offset, buffer.Span, out bool isLocated);
        return read == buffer.Length ? default
            : isLocated ? ReadOverChannelAsync(file, offset + read, buffer[read..], hint, cancellationToken)
            : LocateAndReadAsync(session, file, offset + read, buffer[read..], hint, cancellationToken);
    }

    /// <summary>Asks where the bytes lie, reads those, and what is left over the page channel, which brings it into the cache.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask LocateAndReadAsync(
        SameHostSession session, OpenFile file, long offset, Memory<byte> buffer, ReadFlags hint, CancellationToken cancellationToken)
    {
        int read = await sameHost.LocateAheadAsync(session, file, offset, buffer.Length, cancellationToken).ConfigureAwait(false)
            ? sameHost.ReadLocated(session, file, offset, buffer.Span, out _)
            : 0;
        if (read < buffer.Length)
        {
            await ReadOverChannelAsync(file, offset + read, buffer[read..], hint, cancellationToken).ConfigureAwait(false);
        }
    }

    private ValueTask ReadOverChannelAsync(OpenFile file, long offset, Memory<byte> buffer, ReadFlags hint, CancellationToken cancellationToken) =>
        buffer.Length <= options.Reads.ChunkBytes
            ? ReadPieceAsync(file, offset, buffer, hint, cancellationToken)
            : ReadPiecesAsync(file, offset, buffer, hint, cancellationToken);

    /// <summary>Reads from a worker in this process without a socket, when it has the bytes in memory.</summary>
    private static bool TryReadHere(ILocalWorker worker, OpenFile file, long offset, Memory<byte> buffer, ReadFlags hint) =>
        buffer.Length <= PageChannelProtocol.MaxReadLength
        && worker.TryRead(
            new ReadRequest { Flags = hint, File = file.File, Version = file.Version, Offset = offset, Length = buffer.Length }, buffer.Span, out int bytes)
        && bytes == buffer.Length;

    /// <summary>Where a piece of a read begins and how long it is. The end of the last one need not fit in an int.</summary>
    internal static (int From, int Length) PieceOf(int total, int chunk, int piece)
    {
        int from = piece * chunk;
        return (from, Math.Min(chunk, total - from));
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask ReadPieceAsync(OpenFile file, long offset, Memory<byte> buffer, ReadFlags hint, CancellationToken cancellationToken)
    {
        while (!buffer.IsEmpty)
        {
            var request = new ChannelRequest(PageChannelOpcode.Read, file.Target.Utf8, (ushort)hint, file.File, file.Version, offset, buffer);
            ChannelReply reply = await router.SendAsync(request, file.Target, cancellationToken).ConfigureAwait(false);
            if (!reply.IsOk)
            {
                throw RoutingErrors.For(reply, "read", file.Target.Path, options.Timeouts.Operation);
            }

            ReadSource.Note(reply);

            // Fewer than asked for only when the worker grants shorter reads.
            buffer = buffer[reply.Bytes..];
            offset += reply.Bytes;
        }
    }

    /// <summary>
    /// A few readers take pieces from the front until none is left. Returns only when all have ended, also on failure: nobody writes to the caller's
    /// memory afterwards.
    /// </summary>
    private async ValueTask ReadPiecesAsync(OpenFile file, long offset, Memory<byte> buffer, ReadFlags hint, CancellationToken cancellationToken)
    {
        using var failed = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        CancellationToken token = failed.Token;
        DoraException? error = null;
        int next = -1;
        int pieces = (int)((buffer.Length + (long)options.Reads.ChunkBytes - 1) / options.Reads.ChunkBytes);
        Task[] readers = [.. Enumerable.Range(0, Math.Min(options.Reads.ParallelChunks, pieces)).Select(_ => ReadSomeAsync())];
        await Task.WhenAll(readers).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (error is not null)
        {
            throw error;
        }

        await Task.WhenAll(readers).ConfigureAwait(false);

        async Task ReadSomeAsync()
        {
            int piece;
            while ((piece = Interlocked.Increment(ref next)) < pieces)
            {
                (int from, int length) = PieceOf(buffer.Length, options.Reads.ChunkBytes, piece);
                try
                {
                    await ReadPieceAsync(file, offset + from, buffer.Slice(from, length), hint, token).ConfigureAwait(false);
                }
                catch (DoraException e)
                {
                    Interlocked.CompareExchange(ref error, e, null);
                    await failed.CancelAsync().ConfigureAwait(false);
                    return;
                }
            }
        }
    }
}
