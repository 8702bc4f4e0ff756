namespace Dora.Storage.Metadata;

/// <summary>Goes through what is remembered in the order of file ids, a bounded piece at a time.</summary>
public interface IMetadataScan
{
    /// <summary>Reads the next live entries. No negative ones.</summary>
    /// <param name="from">First id to look at; afterwards where to go on.</param>
    /// <param name="limit">Entries to look at, 1 or more.</param>
    /// <param name="isWanted">Which ones to read; called for each that is looked at, in order.</param>
    /// <param name="found">Receives those.</param>
    /// <returns>Whether there are more.</returns>
    bool ReadOn(ref FileId from, int limit, Func<FileId, bool> isWanted, ICollection<FileMetadata> found);
}
