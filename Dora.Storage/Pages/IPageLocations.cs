using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Pages;

/// <summary>Where cached bytes lie, for other processes of this host that read them by themselves (docs/same-host.md).</summary>
public interface IPageLocations
{
    /// <summary>
    /// Says where cached bytes lie, for a process on this host that reads them from the segment's file by itself (docs/same-host.md). Checked as those that
    /// <see cref="IPageReads.Read"/> gives.
    /// </summary>
    /// <param name="page">The page.</param>
    /// <param name="offset">First byte inside the page.</param>
    /// <param name="length">Bytes wanted.</param>
    /// <param name="mode">What it may cost.</param>
    /// <param name="location">A piece that begins at or before the offset and goes as far as one record and the checks do, or as far as wanted.</param>
    /// <returns>Whether the bytes are cached and, by the mode, checked.</returns>
    bool TryLocate(PageKey page, int offset, int length, LocateMode mode, out PageLocation location);

    /// <summary>Opens a segment's file for reading, for a process that was told of bytes in it.</summary>
    /// <param name="segment">As a <see cref="PageLocation"/> names it.</param>
    /// <returns>A handle of its own, or <see langword="null"/> when the segment is gone.</returns>
    SafeFileHandle? OpenSegment(ulong segment);
}
