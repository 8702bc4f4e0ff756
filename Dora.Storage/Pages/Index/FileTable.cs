namespace Dora.Storage.Pages.Index;

/// <summary>The files of a shard: a chained hash table over <see cref="FileEntry"/>. Slot 0 is none.</summary>
internal sealed class FileTable
{
    private readonly ChunkedArray<FileEntry> _entries = new();
    private readonly LinearHash _buckets = new(load: 3);
    private int _free;
    private int _end = 1;

    public int Count { get; private set; }

    /// <summary>One past the largest slot ever used.</summary>
    public int End => _end;

    public long MemoryBytes => _entries.MemoryBytes + _buckets.MemoryBytes;

    public ref FileEntry this[int slot] => ref _entries[slot];

    public ref readonly FileEntry Peek(int slot) => ref _entries.Peek(slot);

    /// <summary>The slot of a file, 0 when it has none. Safe without the lock; gives up after <paramref name="maxSteps"/>.</summary>
    public int Find(FileId id, ref int maxSteps)
    {
        int slot = _buckets.Peek(FileEntry.HashOf(id));
        while (slot != 0 && --maxSteps > 0)
        {
            ref readonly FileEntry entry = ref _entries.Peek(slot);
            if (entry.Is(id))
            {
                return slot;
            }

            slot = entry.Next;
        }

        return 0;
    }

    /// <summary>Makes memory for the next <see cref="Add"/>, so that it cannot fail half way.</summary>
    /// <returns><see langword="false"/> when no more files can be named.</returns>
    public bool TryReserve()
    {
        _buckets.Reserve();
        if (_free != 0 || _end < _entries.Capacity)
        {
            return true;
        }

        if (_end >= RecordEntry.MaxSlots)
        {
            return false;
        }

        _entries.Grow();
        return true;
    }

    public int Add(FileId id, FileVersion version, ushort mount, bool pinned)
    {
        int slot = _free;
        if (slot != 0)
        {
            _free = _entries[slot].Next;
        }
        else
        {
            slot = _end++;
        }

        ref int head = ref _buckets.Head(FileEntry.HashOf(id));
        _entries[slot] = new FileEntry(id, version, mount, pinned) { Next = head };
        head = slot;
        Count++;
        _buckets.Split(_entries, Count);
        return slot;
    }

    public void Remove(int slot)
    {
        ref FileEntry entry = ref _entries[slot];
        ref int head = ref _buckets.Head(entry.Hash);
        head = LinearHash.Unlink(_entries, head, slot);
        entry = new FileEntry { Next = _free };
        _free = slot;
        Count--;
    }
}
