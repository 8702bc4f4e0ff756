using Dora.Storage.Metadata;

namespace Dora.Tests.Doubles;

/// <summary>A metadata store in front of another that counts changes made one by one and in batches.</summary>
internal sealed class CountingMetadataStore(IMetadataStore inner) : IMetadataStore
{
    private int _single;
    private int _batches;
    private int _inBatches;

    /// <summary>Entries put one by one.</summary>
    public int Single => Volatile.Read(ref _single);

    /// <summary>Calls with many entries.</summary>
    public int Batches => Volatile.Read(ref _batches);

    /// <summary>Entries in those.</summary>
    public int InBatches => Volatile.Read(ref _inBatches);

    public MetadataStoreStatistics Statistics => inner.Statistics;

    public FileMetadata? Get(FileId file) => inner.Get(file);

    public FileMetadata? Get(FileId file, string ufsPath) => inner.Get(file, ufsPath);

    public void Put(FileMetadata metadata)
    {
        Interlocked.Increment(ref _single);
        inner.Put(metadata);
    }

    public FileMetadata PutUnlessNewer(FileMetadata metadata)
    {
        Interlocked.Increment(ref _single);
        return inner.PutUnlessNewer(metadata);
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
