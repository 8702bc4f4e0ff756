namespace Dora.Storage.Metadata;

/// <summary>
/// What a worker remembers about UFS paths, negative entries included. A cache: it may forget, and the store stays the truth. Entries are
/// dropped when older than the store's time to live; whether a younger one is fresh enough is the caller's decision. Safe for concurrent use.
/// </summary>
public interface IMetadataStore : IKnownMetadata, IDisposable
{
    /// <summary>Remembers; replaces what was there.</summary>
    void Put(FileMetadata metadata);

    /// <summary>Remembers, unless what is there is live and was asked of the store later: an answer that was slow on its way must not replace a newer one.</summary>
    /// <param name="metadata">The answer.</param>
    /// <param name="before">What was there, live.</param>
    /// <returns>What is remembered now.</returns>
    FileMetadata PutUnlessNewer(FileMetadata metadata, out FileMetadata? before);

    /// <summary>The same for many files at once, with few and large writes.</summary>
    /// <param name="entries">Of different files.</param>
    /// <param name="changed">Receives the entries that replaced one of another kind or version.</param>
    void PutUnlessNewer(IReadOnlyList<FileMetadata> entries, ICollection<FileMetadata>? changed);

    /// <summary>Forgets one file.</summary>
    /// <returns>Whether there was something to forget.</returns>
    bool Remove(FileId file);

    /// <summary>Forgets the negative entries at and below a UFS path, whatever their number.</summary>
    void RemoveNegative(string ufsPath);
}
