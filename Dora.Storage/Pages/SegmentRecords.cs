namespace Dora.Storage.Pages;

/// <summary>A record of a segment: its block and its entry in the index. It may have left the index since.</summary>
internal readonly record struct SegmentEntry(uint Block, RecordId Id);

/// <summary>The records of one segment by position: 8 bytes each, all that the walk in physical order needs besides the index. Safe for concurrent use.</summary>
internal sealed class SegmentRecords
{
    private readonly Lock _gate = new();
    private SegmentEntry[] _entries = [];
    private int _count;
    private bool _sorted = true;

    public void Add(SegmentEntry entry)
    {
        lock (_gate)
        {
            if (_count == _entries.Length)
            {
                Array.Resize(ref _entries, Math.Max(16, _count + (_count / 2)));
            }

            _sorted &= _count == 0 || _entries[_count - 1].Block <= entry.Block;
            _entries[_count++] = entry;
        }
    }

    /// <summary>The first record at or behind a block, live or not.</summary>
    public bool TryNext(uint block, out SegmentEntry entry)
    {
        lock (_gate)
        {
            Sort();
            int at = LowerBound(block);
            entry = at < _count ? _entries[at] : default;
            return at < _count;
        }
    }

    /// <summary>All records, for walks that change the index meanwhile.</summary>
    public SegmentEntry[] Snapshot()
    {
        lock (_gate)
        {
            Sort();
            return _entries.AsSpan(0, _count).ToArray();
        }
    }

    /// <summary>Forgets the records of a block.</summary>
    public void Remove(uint block)
    {
        lock (_gate)
        {
            Sort();
            int at = LowerBound(block);
            int end = at;
            while (end < _count && _entries[end].Block == block)
            {
                end++;
            }

            if (end > at)
            {
                _entries.AsSpan(end, _count - end).CopyTo(_entries.AsSpan(at));
                _count -= end - at;
            }
        }
    }

    /// <summary>Gives the slack back: nothing is appended any more.</summary>
    public void Trim()
    {
        lock (_gate)
        {
            Array.Resize(ref _entries, _count);
        }
    }

    private void Sort()
    {
        if (!_sorted)
        {
            _entries.AsSpan(0, _count).Sort(static (a, b) => a.Block.CompareTo(b.Block));
            _sorted = true;
        }
    }

    private int LowerBound(uint block)
    {
        int low = 0;
        int high = _count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            (low, high) = _entries[middle].Block < block ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
