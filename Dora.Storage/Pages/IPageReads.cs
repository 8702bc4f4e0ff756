namespace Dora.Storage.Pages;

/// <summary>Reads of cached pages.</summary>
public interface IPageReads
{
    /// <summary>Copies cached bytes of a page to the caller's memory.</summary>
    /// <param name="page">The page.</param>
    /// <param name="offset">First byte inside the page.</param>
    /// <param name="destination">Receives the bytes.</param>
    /// <returns>
    /// How many bytes from <paramref name="offset"/> on are cached without a gap and were copied: 0 (not cached) to the destination's length.
    /// A damaged record is dropped, counted, and answered as not cached.
    /// </returns>
    int Read(PageKey page, int offset, Span<byte> destination);

    /// <summary>
    /// Lends cached bytes in place, for reading them from the file while the lease lasts. Not for handing the file's pages to a socket: what refers to them after the lease
    /// has ended sees an eviction (docs/decisions/0009-copy-not-sendfile.md).
    /// </summary>
    /// <param name="page">The page.</param>
    /// <param name="offset">First byte inside the page.</param>
    /// <param name="length">Bytes wanted.</param>
    /// <param name="mode">What it may cost.</param>
    /// <param name="lease">The bytes; until it is disposed they are neither overwritten nor reused.</param>
    /// <returns>Whether all the bytes are cached in one piece and, by the mode, checked; otherwise use <see cref="Read"/>.</returns>
    bool TryLease(PageKey page, int offset, int length, LocateMode mode, out PageLease lease);

    /// <summary>
    /// How many bytes from <paramref name="offset"/> on are cached without a gap, at most <paramref name="length"/>. Reads no page, checks no
    /// checksum and counts no hit: for deciding what to fetch.
    /// </summary>
    int Probe(PageKey page, int offset, int length);

    /// <summary>How much of a file can be served now: what has expired, or lies on a disk that failed, is not counted. Reads no page and counts no hit.</summary>
    HeldPages Held(FileId file);
}
