namespace Dora.Storage.Metadata;

/// <summary>
/// The lower level of the two. Reads that meet damage answer "not there"; writes say whether the disk took them. Writes of one file must not run at once:
/// the level above sees to it.
/// </summary>
internal interface IMetadataDisk : IMetadataScan, IDisposable
{
    /// <summary>Entries, estimated.</summary>
    long EstimatedEntries { get; }

    /// <summary>Memory that grows with the number of entries: indexes and filters.</summary>
    long TableMemoryBytes { get; }

    /// <summary>A live entry, or <see langword="null"/>.</summary>
    FileMetadata? Get(FileId file);

    /// <returns><see langword="null"/>, or why the disk refused.</returns>
    string? TryPut(FileMetadata metadata);

    /// <summary>Puts entries of different files in one write, all or none.</summary>
    /// <returns><see langword="null"/>, or why the disk refused.</returns>
    string? TryPutMany(IEnumerable<FileMetadata> entries);

    /// <returns><see langword="null"/>, or why the disk refused; removing what is not there succeeds.</returns>
    string? TryRemove(FileId file);

    /// <summary>Live entries at and below a path, in order of the UTF-8 bytes of their paths, from a snapshot.</summary>
    IEnumerable<FileMetadata> ScanUnder(string ufsPath);

    /// <summary>Looks at the next entries in key order for those past their time to live.</summary>
    /// <param name="from">First key to look at; afterwards where to go on, the lowest key after the last one.</param>
    /// <param name="limit">Entries to look at.</param>
    IReadOnlyList<FileId> FindExpired(ref FileId from, int limit);

    /// <summary>Reads the next live entries in key order.</summary>
    /// <param name="from">First key to look at; afterwards where to go on.</param>
    /// <param name="limit">Entries to look at.</param>
    /// <param name="records">Receives them.</param>
    /// <returns>Whether there are more.</returns>
    bool ReadOn(ref FileId from, int limit, List<StoredMetadata> records);

    /// <summary>Makes the next start throw the directory away; the present run goes on.</summary>
    void MarkForRebuild();
}
