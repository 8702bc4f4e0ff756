using System.Collections.Concurrent;

namespace Dora.Storage.Metadata;

/// <summary>
/// Files whose entry on disk is older than what the worker knows, because the disk refused a change, with what is known (null: nothing). Until it is repaired, the
/// disk is not believed about them. Bounded; when it would overflow, the disk is not believed about anything.
/// </summary>
internal sealed class DiskShadow(int capacity)
{
    private readonly ConcurrentDictionary<FileId, FileMetadata?> _files = new();

    public bool HasOverflowed { get; private set; }

    /// <summary>What has not reached the disk, negative entries excluded.</summary>
    public IEnumerable<FileMetadata> Known => _files.Values.OfType<FileMetadata>();

    public bool Covers(FileId file) => HasOverflowed || _files.ContainsKey(file);

    /// <param name="file">The file.</param>
    /// <param name="known">What the worker knows of it; <see langword="null"/> when it is to be forgotten.</param>
    /// <returns>Whether the disk must not be asked.</returns>
    public bool TryGet(FileId file, out FileMetadata? known) => _files.TryGetValue(file, out known) || HasOverflowed;

    /// <returns>Whether this addition was the one too many.</returns>
    public bool Add(FileId file, FileMetadata? known)
    {
        if (HasOverflowed)
        {
            return false;
        }

        _files[file] = known;
        if (_files.Count <= capacity)
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
