namespace Dora.Storage.Files;

/// <summary>
/// Other workers that may know metadata which this one lacks: the owner of the file when this worker is not it, and the owners before it while what they know
/// has not been taken over. Asked before the under store.
/// </summary>
public interface IMetadataPeers
{
    /// <summary>What another worker knows of a path, a negative entry too. Never makes it ask its store or a third worker; never faults, and takes a fraction of a second at most.</summary>
    /// <param name="path">The path.</param>
    /// <param name="file">Its file id.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>
    /// <see langword="null"/> when nobody knows it. <see cref="FileMetadata.LoadedAt"/> is by this worker's clock, and not later than the store was asked. Whether that is fresh enough, and
    /// whether the path was forgotten since, is the caller's to decide.
    /// </returns>
    ValueTask<FileMetadata?> FindAsync(MountedPath path, FileId file, CancellationToken cancellationToken);
}
