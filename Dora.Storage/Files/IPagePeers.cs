namespace Dora.Storage.Files;

/// <summary>
/// Other workers that may have bytes cached which this one lacks: the owner of the file when this worker is not it, and for some time after the ring
/// changed the owners before. Asked before the under store.
/// </summary>
public interface IPagePeers
{
    /// <summary>Copies bytes that another worker has cached. Never makes another worker ask its store or a third worker; never faults.</summary>
    /// <param name="file">The file; bytes are of its version.</param>
    /// <param name="range">Bytes wanted, inside the file.</param>
    /// <param name="destination">Receives the bytes; as long as the range.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How many bytes from the start of the range on were copied; a multiple of <see cref="PageGeometry.ExtentGrid"/> when not all.</returns>
    ValueTask<int> ReadAsync(FileMetadata file, ByteRange range, Memory<byte> destination, CancellationToken cancellationToken);
}
