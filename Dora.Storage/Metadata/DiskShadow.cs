using System.Collections.Concurrent;

namespace Dora.Storage.Metadata;

/// <summary>
/// Files whose entry on disk is older than what the worker knows, because the disk refused a change: until it is repaired, the disk is not believed about them.
/// Bounded; when it would overflow, the disk is not believed about anything.
/// </summary>
internal sealed class DiskShadow(int capacity)
{
    private readonly ConcurrentDictionary<FileId, byte> _files = new();

    public bool IsEmpty => _files.IsEmpty;

    public bool HasOverflowed { get; private set; }

    public bool Covers(FileId file) => HasOverflowed || _files.ContainsKey(file);

    /// <returns>Whether this addition was the one too many.</returns>
    public bool Add(FileId file)
    {
        if (HasOverflowed || !_files.TryAdd(file, 0) || _files.Count <= capacity)
        {
            return false;
        }

        HasOverflowed = true;
        _files.Clear();
        return true;
    }

    public void Remove(FileId file)
    {
        if (!_files.IsEmpty)
        {
            _files.TryRemove(file, out _);
        }
    }

    public FileId[] ToArray() => [.. _files.Keys];
}
