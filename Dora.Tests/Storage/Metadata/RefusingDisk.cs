using Dora.Storage.Metadata;

namespace Dora.Tests.Storage.Metadata;

/// <summary>A disk that can be made to refuse writes, as a full one does, and lets the test step in while it reads.</summary>
internal sealed class RefusingDisk(IMetadataDisk inner) : IMetadataDisk
{
    public bool Refuses { get; set; }

    public bool MarkedForRebuild { get; private set; }

    public int Writes { get; private set; }

    public Action? AfterRead { get; set; }

    public Action? AfterReadOn { get; set; }

    public long EstimatedEntries => inner.EstimatedEntries;

    public long TableMemoryBytes { get; set; }

    public FileMetadata? Get(FileId file)
    {
        FileMetadata? metadata = inner.Get(file);
        AfterRead?.Invoke();
        return metadata;
    }

    public string? TryPut(FileMetadata metadata) => Write(() => inner.TryPut(metadata));

    public string? TryPutMany(IEnumerable<FileMetadata> entries) => Write(() => inner.TryPutMany(entries));

    public string? TryRemove(FileId file) => Write(() => inner.TryRemove(file));

    public IEnumerable<FileMetadata> ScanUnder(string ufsPath) => inner.ScanUnder(ufsPath);

    public IReadOnlyList<FileId> FindExpired(ref FileId from, int limit) => inner.FindExpired(ref from, limit);

    public bool ReadOn(ref FileId from, int limit, List<StoredMetadata> records)
    {
        bool hasMore = inner.ReadOn(ref from, limit, records);
        AfterReadOn?.Invoke();
        return hasMore;
    }

    public bool ReadOn(ref FileId from, int limit, Func<FileId, bool> isWanted, ICollection<FileMetadata> found) => inner.ReadOn(ref from, limit, isWanted, found);

    public void MarkForRebuild() => MarkedForRebuild = true;

    public void Dispose() => inner.Dispose();

    private string? Write(Func<string?> write)
    {
        Writes++;
        return Refuses ? "IO error: No space left on device" : write();
    }
}
