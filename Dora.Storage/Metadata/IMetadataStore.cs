namespace Dora.Storage.Metadata;

/// <summary>
/// What a worker remembers about UFS paths, negative entries included. A cache: it may forget, and the store stays the truth. Entries are
/// dropped when older than the store's time to live; whether a younger one is fresh enough is the caller's decision. Safe for concurrent use.
/// </summary>
public interface IMetadataStore : IDisposable
{
    /// <summary>Counters since start, and what is stored now.</summary>
    MetadataStoreStatistics Statistics { get; }

    /// <summary>What is remembered of a file, or <see langword="null"/>. Never blocks on the under store.</summary>
    FileMetadata? Get(FileId file);

    /// <summary>Remembers; replaces what was there.</summary>
    void Put(FileMetadata metadata);

    /// <summary>Forgets one file.</summary>
    /// <returns>Whether there was something to forget.</returns>
    bool Remove(FileId file);

    /// <summary>What is remembered at and below a UFS path, in path order, streamed from a snapshot.</summary>
    IEnumerable<FileMetadata> EnumerateUnder(string ufsPath);
}
