namespace Dora.Storage.Ufs;

/// <summary>
/// A connector that can say what a file is and give all its bytes in one answer, of one moment: for files that are written to so often that what a stat said is past
/// before a read can follow.
/// </summary>
public interface ISnapshotUfs : IUfs
{
    /// <summary>Reads a whole file into the caller's memory.</summary>
    /// <param name="path">The file.</param>
    /// <param name="destination">Receives the bytes; worthless unless the status is Ok.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>
    /// <see cref="UfsStatus.VersionChanged"/>: the file is longer than the memory, or changed in a way that no moment could be told apart. The version, when Ok, is one that no ranged read of the
    /// connector has unless the file stands still.
    /// </returns>
    ValueTask<UfsSnapshotResult> ReadWholeAsync(string path, Memory<byte> destination, CancellationToken cancellationToken);
}
