using Dora.Storage.Metadata;

namespace Dora.Benchmarks.Metadata;

/// <summary>The disk level as a store: what a get costs when memory does not know the file.</summary>
internal sealed class DiskOnly(RocksMetadataStore disk) : IMetadataStore
{
    public MetadataStoreStatistics Statistics => default;

    public FileMetadata? Get(FileId file) => disk.Get(file);

    public FileMetadata? TryGetFromMemory(FileId file, string ufsPath) => null;

    public FileMetadata? Get(FileId file, string ufsPath) => Get(file);

    public void Put(FileMetadata metadata) => throw new NotSupportedException();

    public FileMetadata PutUnlessNewer(FileMetadata metadata, out FileMetadata? before) => throw new NotSupportedException();

    public void PutUnlessNewer(IReadOnlyList<FileMetadata> entries, ICollection<FileMetadata>? changed) => throw new NotSupportedException();

    public bool Remove(FileId file) => throw new NotSupportedException();

    public void RemoveNegative(string ufsPath) => throw new NotSupportedException();

    public IEnumerable<FileMetadata> EnumerateUnder(string ufsPath) => disk.ScanUnder(ufsPath);

    public void Dispose()
    {
        // The disk belongs to whoever opened it.
    }
}
