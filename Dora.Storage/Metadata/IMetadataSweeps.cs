namespace Dora.Storage.Metadata;

/// <summary>How much the lower level holds, and walks over it.</summary>
internal interface IMetadataSweeps
{
    /// <summary>Entries, estimated.</summary>
    long EstimatedEntries { get; }

    /// <summary>Memory that grows with the number of entries: indexes and filters.</summary>
    long TableMemoryBytes { get; }

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
}
