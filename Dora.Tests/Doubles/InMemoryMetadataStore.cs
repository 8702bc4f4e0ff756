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

    public void Put(FileMetadata metadata) => _known[metadata.Id] = metadata;

    public bool Remove(FileId file) => _known.TryRemove(file, out _);

    public IEnumerable<FileMetadata> EnumerateUnder(string ufsPath) =>
        _known.Values.Where(m => m.UfsPath == ufsPath || m.UfsPath.StartsWith(ufsPath + "/", StringComparison.Ordinal)).OrderBy(static m => m.UfsPath, StringComparer.Ordinal);

    public void Dispose() => _known.Clear();
}
