using System.Collections.Concurrent;

namespace Dora.Storage.Pages;

/// <summary>
/// Which records hold which bytes of which page. Lookups take no lock: the records of a page are an array that is replaced, never changed.
/// Changes are made under the store's lock. One version of a file is kept: a record of another one drops it.
/// </summary>
internal sealed class PageIndex
{
    private readonly ConcurrentDictionary<PageKey, PageRecord[]> _pages = new(PageKeyComparer.Instance);
    private readonly Dictionary<FileId, CachedFile> _files = [];
    private readonly List<Segment> _emptied = [];
    private long _pageCount;

    /// <summary>Pages with at least one byte stored.</summary>
    public long PageCount => Volatile.Read(ref _pageCount);

    /// <summary>The records of a page by first byte, or <see langword="null"/>.</summary>
    public PageRecord[]? Find(PageKey page) => _pages.GetValueOrDefault(page);

    /// <summary>Of the records that hold a byte, the one that goes on farthest.</summary>
    public static PageRecord? At(PageRecord[] records, int offset)
    {
        PageRecord? best = null;
        foreach (PageRecord record in records)
        {
            if (record.Offset <= offset && record.End > offset && (best is null || record.End > best.End))
            {
                best = record;
            }
        }

        return best;
    }

    /// <summary>How many bytes from an offset on are there without a gap, up to a limit.</summary>
    public int Covered(PageKey page, int offset, int length)
    {
        PageRecord[]? records = Find(page);
        int position = offset;
        while (records is not null && position < offset + length && At(records, position) is { } record)
        {
            position = record.End;
        }

        return Math.Min(position - offset, length);
    }

    /// <summary>Adds a record and drops what it replaces: other versions of its file, and records inside its range.</summary>
    public void Add(PageRecord added)
    {
        if (!_files.TryGetValue(added.Page.File, out CachedFile? file) || file.Version != added.Page.Version)
        {
            if (file is not null)
            {
                RemoveFile(added.Page.File, FileVersion.None, null);
            }

            _files[added.Page.File] = file = new CachedFile(added.Page.Version);
        }

        file.Pages.Add(added.Page.Index);
        PageRecord[] before = Find(added.Page) ?? [];
        _pageCount += before.Length == 0 ? 1 : 0;
        foreach (PageRecord inside in before.Where(r => IsInside(r, added)))
        {
            Kill(inside);
        }

        _pages[added.Page] = [.. before.Where(r => !IsInside(r, added)).Append(added).OrderBy(static r => r.Offset)];
        added.Segment.LiveBytes += added.RecordSize;
    }

    /// <summary>Drops a record.</summary>
    /// <returns>Whether its page has no bytes left.</returns>
    public bool Remove(PageRecord record)
    {
        if (record.IsDead)
        {
            return false;
        }

        Kill(record);
        PageRecord[] rest = [.. Find(record.Page)!.Where(r => r != record)];
        if (rest.Length > 0)
        {
            _pages[record.Page] = rest;
            return false;
        }

        _pages.TryRemove(record.Page, out _);
        _pageCount--;
        CachedFile file = _files[record.Page.File];
        file.Pages.Remove(record.Page.Index);
        if (file.Pages.Count == 0)
        {
            _files.Remove(record.Page.File);
        }

        return true;
    }

    /// <summary>Drops the pages of a file unless they have the version to keep.</summary>
    /// <param name="id">The file.</param>
    /// <param name="keep">The version to keep, or none.</param>
    /// <param name="removed">Receives the records, when given.</param>
    public void RemoveFile(FileId id, FileVersion keep, List<PageRecord>? removed)
    {
        if (!_files.TryGetValue(id, out CachedFile? file) || (!keep.IsNone && file.Version == keep))
        {
            return;
        }

        _files.Remove(id);
        _pageCount -= file.Pages.Count;
        foreach (uint page in file.Pages)
        {
            _pages.TryRemove(new PageKey(id, file.Version, page), out PageRecord[]? records);
            foreach (PageRecord record in records!)
            {
                Kill(record);
                removed?.Add(record);
            }
        }
    }

    /// <summary>Hands over the segments that lost their last record since the previous call.</summary>
    public IReadOnlyList<Segment> TakeEmptied()
    {
        if (_emptied.Count == 0)
        {
            return [];
        }

        Segment[] taken = [.. _emptied];
        _emptied.Clear();
        return taken;
    }

    private static bool IsInside(PageRecord inner, PageRecord outer) => inner.Offset >= outer.Offset && inner.End <= outer.End;

    private void Kill(PageRecord record)
    {
        record.IsDead = true;
        record.Segment.LiveBytes -= record.RecordSize;
        if (record.Segment.LiveBytes == 0)
        {
            _emptied.Add(record.Segment);
        }
    }

    private sealed class CachedFile(FileVersion version)
    {
        public FileVersion Version { get; } = version;

        public HashSet<uint> Pages { get; } = [];
    }

    /// <summary>File ids are hashes already: no need to mix all the fields.</summary>
    private sealed class PageKeyComparer : IEqualityComparer<PageKey>
    {
        public static readonly PageKeyComparer Instance = new();

        public bool Equals(PageKey x, PageKey y) => x.Index == y.Index && x.File == y.File && x.Version == y.Version;

        public int GetHashCode(PageKey key) => (int)(key.File.Low >> 16) ^ (int)(key.Index * 0x9E3779B1) ^ (int)key.Version.Value;
    }
}
