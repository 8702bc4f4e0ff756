using Dora.Storage.Metadata;

namespace Dora.Tests.Doubles;

/// <summary>A metadata store in front of another that counts looks, and changes made one by one and in batches.</summary>
internal sealed class CountingMetadataStore(IMetadataStore inner) : IMetadataStore
{
    private int _single;
    private int _batches;
    private int _inBatches;
    private int _gets;

    /// <summary>Times that somebody looked an entry up, but for looks into memory alone.</summary>
    public int Gets => Volatile.Read(ref _gets);

    /// <summary>Entries put one by one.</summary>
    public int Single => Volatile.Read(ref _single);

    /// <summary>Calls with many entries.</summary>
    public int Batches => Volatile.Read(ref _batches);

    /// <summary>Entries in those.</summary>
    public int InBatches => Volatile.Read(ref _inBatches);

    public MetadataStoreStatistics Statistics => inner.Statistics;

    public FileMetadata? Get(FileId file)
    {
        Interlocked.Increment(ref _gets);
        return inner.Get(file);
    }

    public FileMetadata? Get(FileId file, string ufsPath)
    {
        Interlocked.Increment(ref _gets);
        return inner.Get(file, ufsPath);
    }

    public FileMetadata? TryGetFromMemory(FileId file, string ufsPath) => inner.TryGetFromMemory(file, ufsPath);

    public void Put(FileMetadata metadata)
    {
        Interlocked.Increment(ref _single);
        inner.Put(metadata);
    }

    public FileMetadata PutUnlessNewer(FileMetadata metadata, out FileMetadata? before)
    {
        Interlocked.Increment(ref _single);
        return inner.PutUnlessNewer(metadata, out before);
    }

    public void PutUnlessNewer(IReadOnlyList<FileMetadata> entries, ICollection<FileMetadata>? changed)
    {
        Interlocked.Increment(ref _batches);
        Interlocked.Add(ref _inBatches, entries.Count);
        inner.PutUnlessNewer(entries, changed);
    }

    public bool Remove(FileId file) => inner.Remove(file);

    public void RemoveNegative(string ufsPath) => inner.RemoveNegative(ufsPath);

    public IEnumerable<FileMetadata> EnumerateUnder(string ufsPath) => inner.EnumerateUnder(ufsPath);

    public void Dispose() => inner.Dispose();
}
