namespace Dora.Storage.Pages.Index;

/// <summary>The records of a shard, and a hash table over those of files with more than a few: by file and page. Slot 0 is none.</summary>
internal sealed class RecordTable
{
    private readonly ChunkedArray<RecordEntry> _entries = new();
    private readonly LinearHash _buckets = new(load: 1.5);
    private int _free;
    private int _end = 1;
    private int _hashed;

    public int Count { get; private set; }

    /// <summary>One past the largest slot ever used.</summary>
    public int End => _end;

    public long MemoryBytes => _entries.MemoryBytes + _buckets.MemoryBytes;

    public ref RecordEntry this[int slot] => ref _entries[slot];

    public ref readonly RecordEntry Peek(int slot) => ref _entries.Peek(slot);

    /// <summary>The first record in the bucket of a page of a hashed file. Safe without the lock.</summary>
    public int PeekHead(int file, uint page) => _buckets.Peek(RecordEntry.HashOf(file, page));

    /// <summary>Makes memory for the next record, hashed or not.</summary>
    /// <returns><see langword="false"/> when no more records can be named.</returns>
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

    /// <summary>A new record in no list.</summary>
    public int Add(in RecordEntry entry)
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

        _entries[slot] = entry;
        Count++;
        return slot;
    }

    /// <summary>Gives back the slot of a record that is in no list any more.</summary>
    public void Free(int slot)
    {
        _entries[slot] = new RecordEntry { Next = _free };
        _free = slot;
        Count--;
    }

    public void Hash(int slot)
    {
        ref RecordEntry entry = ref _entries[slot];
        ref int head = ref _buckets.Head(entry.Hash);
        entry.Next = head;
        head = slot;
        _hashed++;
        _buckets.Split(_entries, _hashed);
    }

    public void Unhash(int slot)
    {
        ref RecordEntry entry = ref _entries[slot];
        ref int head = ref _buckets.Head(entry.Hash);
        head = Unlink(head, slot);
        _hashed--;
    }

    /// <summary>Takes a record out of the list that starts at a slot.</summary>
    /// <returns>Where the list starts now.</returns>
    public int Unlink(int first, int slot) => LinearHash.Unlink(_entries, first, slot);
}
