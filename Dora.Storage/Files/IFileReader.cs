using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Files;

/// <summary>
/// A worker's data: the page store in front of the under store. Misses are fetched as aligned extents, stored, and served; concurrent misses on
/// one extent make one store request. A reader pinned to a version gets bytes of that version or <see cref="DoraErrorCode.VersionChanged"/>.
/// </summary>
public interface IFileReader
{
    /// <summary>Reads bytes of one version of a file.</summary>
    /// <param name="file">The file as the reader opened it: id, version, length.</param>
    /// <param name="range">Bytes wanted; cut at the end of the file.</param>
    /// <param name="destination">Receives the bytes; at least as long as <paramref name="range"/>.</param>
    /// <param name="mode">Whether misses are stored.</param>
    /// <param name="cancellationToken">Cancels the caller's wait.</param>
    ValueTask<FileReadResult> ReadAsync(FileMetadata file, ByteRange range, Memory<byte> destination, FileReadMode mode, CancellationToken cancellationToken);

    /// <summary>
    /// Reads when every byte is cached, checked, and in the system's memory: never waits, neither for a disk nor for the store, compares no checksum, and
    /// allocates nothing.
    /// </summary>
    /// <param name="file">The file as the reader opened it.</param>
    /// <param name="range">Bytes wanted, inside the file.</param>
    /// <param name="destination">Receives the bytes; at least as long as the range.</param>
    /// <returns>Whether all the bytes were read; if not, the destination is worthless and <see cref="ReadAsync"/> is the way.</returns>
    bool TryReadWarm(FileMetadata file, ByteRange range, Span<byte> destination);

    /// <summary>
    /// Says where the cached bytes of a range lie, for a process on this host that reads them from the segments' files by itself (docs/same-host.md). Asks no
    /// store.
    /// </summary>
    /// <param name="file">The file as the reader opened it.</param>
    /// <param name="range">Bytes that are going to be read, inside the file.</param>
    /// <param name="end">Up to where the reader would like to be told about more, as far as it costs nothing.</param>
    /// <param name="mayWait">Whether to wait for a disk.</param>
    /// <param name="locations">Receives the pieces in the order of the file.</param>
    /// <param name="isWhole">Whether every byte of the range is in a piece; when not, and <paramref name="mayWait"/> is false, waiting might find more.</param>
    /// <returns>How many pieces there are.</returns>
    int Locate(FileMetadata file, ByteRange range, long end, bool mayWait, Span<PageLocation> locations, out bool isWhole);

    /// <summary>Opens a segment's file for reading, for a process that was told of bytes in it.</summary>
    /// <param name="segment">As a <see cref="PageLocation"/> names it.</param>
    /// <returns>A handle of its own, or <see langword="null"/> when the segment is gone.</returns>
    SafeFileHandle? OpenSegment(ulong segment);

    /// <summary>Makes a range of a file cached without handing out bytes.</summary>
    ValueTask<FileLoadResult> LoadAsync(FileMetadata file, ByteRange range, CancellationToken cancellationToken);

    /// <summary>Drops the file's pages.</summary>
    /// <returns>Bytes freed.</returns>
    ValueTask<long> FreeAsync(FileId file, CancellationToken cancellationToken);
}
