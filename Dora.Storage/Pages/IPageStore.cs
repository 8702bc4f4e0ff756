using Dora.Storage.Pages.Volumes;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Pages;

/// <summary>
/// Pages on SSD. Serves right bytes or "not cached", never anything else; its capacity is a hard cap at every instant. Safe for concurrent use.
/// The contract of the segment store (design section 3); tests of this contract hold for every implementation.
/// </summary>
public interface IPageStore : IAsyncDisposable
{
    /// <summary>Counters since start, and what is stored now.</summary>
    PageStoreStatistics Statistics { get; }

    /// <summary>Copies cached bytes of a page to the caller's memory.</summary>
    /// <param name="page">The page.</param>
    /// <param name="offset">First byte inside the page.</param>
    /// <param name="destination">Receives the bytes.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>
    /// How many bytes from <paramref name="offset"/> on are cached without a gap and were copied: 0 (not cached) to the destination's length.
    /// A damaged record is dropped, counted, and answered as not cached.
    /// </returns>
    ValueTask<int> ReadAsync(PageKey page, int offset, Memory<byte> destination, CancellationToken cancellationToken);

    /// <summary>
    /// Lends cached bytes in place, for reading them from the file while the lease lasts. Not for handing the file's pages to a socket: what refers to them after the lease
    /// has ended sees an eviction (docs/decisions/0009-copy-not-sendfile.md).
    /// </summary>
    /// <param name="page">The page.</param>
    /// <param name="offset">First byte inside the page.</param>
    /// <param name="length">Bytes wanted.</param>
    /// <param name="mode">What it may cost.</param>
    /// <param name="lease">The bytes; until it is disposed they are neither overwritten nor reused.</param>
    /// <returns>Whether all the bytes are cached in one piece and, by the mode, checked; otherwise use <see cref="ReadAsync"/>.</returns>
    bool TryLease(PageKey page, int offset, int length, LocateMode mode, out PageLease lease);

    /// <summary>
    /// Says where cached bytes lie, for a process on this host that reads them from the segment's file by itself (docs/same-host.md). Checked as those that
    /// <see cref="ReadAsync"/> gives.
    /// </summary>
    /// <param name="page">The page.</param>
    /// <param name="offset">First byte inside the page.</param>
    /// <param name="length">Bytes wanted.</param>
    /// <param name="mode">What it may cost.</param>
    /// <param name="location">A piece that begins at or before the offset and goes as far as one record and the checks do, or as far as wanted.</param>
    /// <returns>Whether the bytes are cached and, by the mode, checked.</returns>
    bool TryLocate(PageKey page, int offset, int length, LocateMode mode, out PageLocation location)
    {
        location = default;
        return false;
    }

    /// <summary>Opens a segment's file for reading, for a process that was told of bytes in it.</summary>
    /// <param name="segment">As a <see cref="PageLocation"/> names it.</param>
    /// <returns>A handle of its own, or <see langword="null"/> when the segment is gone.</returns>
    SafeFileHandle? OpenSegment(ulong segment) => null;

    /// <summary>
    /// How many bytes from <paramref name="offset"/> on are cached without a gap, at most <paramref name="length"/>. Reads no page, checks no
    /// checksum and counts no hit: for deciding what to fetch.
    /// </summary>
    int Probe(PageKey page, int offset, int length);

    /// <summary>
    /// Stores bytes of a page, beside what is stored of it already. When the result is <see cref="PutOutcome.Stored"/> the bytes can be read at once.
    /// A put of another version of the file drops the pages of the versions before: the last one put is the one that is kept.
    /// </summary>
    /// <param name="page">The page.</param>
    /// <param name="offset">First byte inside the page; on the grid of <see cref="PageGeometry.ExtentGrid"/>.</param>
    /// <param name="data">The bytes; end on the grid or at the end of the file.</param>
    /// <param name="placement">Whose they are and whether they are pinned.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    ValueTask<PutOutcome> PutAsync(PageKey page, int offset, ReadOnlyMemory<byte> data, PagePlacement placement, CancellationToken cancellationToken);

    /// <summary>Drops pages of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="keep">A version whose pages stay, or <see cref="FileVersion.None"/> to drop all.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>How many bytes became free or will when the last lease ends.</returns>
    ValueTask<long> RemoveAsync(FileId file, FileVersion keep, CancellationToken cancellationToken);

    /// <summary>Drops a page.</summary>
    /// <returns>How many bytes became free or will when the last lease ends.</returns>
    ValueTask<long> RemovePageAsync(PageKey page, CancellationToken cancellationToken);

    /// <summary>Drops the pages that a mount brought.</summary>
    /// <param name="mount">The mount's tag, not 0.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>How many bytes became free or will when the last lease ends.</returns>
    ValueTask<long> RemoveMountAsync(ushort mount, CancellationToken cancellationToken);

    /// <summary>Pins or unpins what is stored of a file now; later puts say it in their <see cref="PagePlacement"/>.</summary>
    /// <returns>Bytes whose mark changed; fewer than the file has when the share for pinned pages is used up.</returns>
    ValueTask<long> PinAsync(FileId file, bool pinned, CancellationToken cancellationToken);

    /// <summary>Replaces the rules of all mounts. Takes effect at once; what is stored beyond new limits goes in the background.</summary>
    /// <param name="rules">By mount tag. A mount without a rule has no limits.</param>
    /// <param name="pinnedShare">The part of the capacity that pinned pages take, 0 to 0.9, instead of <see cref="PageStoreOptions.PinnedShare"/>.</param>
    void SetMountRules(IReadOnlyDictionary<ushort, PageMountRule> rules, double pinnedShare);
}
