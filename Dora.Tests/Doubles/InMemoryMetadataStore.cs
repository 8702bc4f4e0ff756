using System.Collections.Concurrent;
using Dora.Storage.Metadata;

namespace Dora.Tests.Doubles;

/// <summary>A metadata store that forgets nothing by itself.</summary>
internal sealed class InMemoryMetadataStore : IMetadataStore
{
    private readonly ConcurrentDictionary<FileId, FileMetadata> _known = new();

    public MetadataStoreStatistics Statistics => new(_known.Count, _known.Count, 0, 0, 0, 0, 0);

    /// <summary>Runs after each look, before its answer is seen.</summary>
    public Action? AfterGet { get; set; }

    public FileMetadata? Get(FileId file)
    {
        FileMetadata? known = _known.GetValueOrDefault(file);
        AfterGet?.Invoke();
        return known;
    }

    public FileMetadata? TryGetFromMemory(FileId file, string ufsPath) => _known.GetValueOrDefault(file);

    public FileMetadata? Get(FileId file, string ufsPath) => Get(file);

    public void Put(FileMetadata metadata) => _known[metadata.Id] = metadata;

    public FileMetadata PutUnlessNewer(FileMetadata metadata, out FileMetadata? before)
    {
        FileMetadata? replaced = null;
        FileMetadata newest = _known.AddOrUpdate(metadata.Id, metadata, (_, known) =>
        {
            replaced = known;
            return known.LoadedAt > metadata.LoadedAt ? known : metadata;
        });
        before = replaced;
        return newest;
    }

    public void PutUnlessNewer(IReadOnlyList<FileMetadata> entries, ICollection<FileMetadata>? changed)
    {
        foreach (FileMetadata entry in entries)
        {
            if (PutUnlessNewer(entry, out FileMetadata? known) == entry && known is not null && (known.Kind, known.Version) != (entry.Kind, entry.Version))
            {
                changed?.Add(entry);
            }
        }
    }

    public void RemoveNegative(string ufsPath)
    {
        foreach (FileMetadata missing in EnumerateUnder(ufsPath).Where(static m => m.Kind == FileKind.Missing))
        {
            _known.TryRemove(missing.Id, out _);
        }
    }

    public bool Remove(FileId file) => _known.TryRemove(file, out _);

    public IEnumerable<FileMetadata> EnumerateUnder(string ufsPath) =>
        _known.Values.Where(m => m.UfsPath == ufsPath || m.UfsPath.StartsWith(ufsPath + "/", StringComparison.Ordinal)).OrderBy(static m => m.UfsPath, StringComparer.Ordinal);

    public void Dispose() => _known.Clear();
}
