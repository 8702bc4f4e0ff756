using Dora.Storage.Pages.Index;
using Dora.Storage.Pages.Records;

namespace Dora.Storage.Pages.Segments;

/// <summary>A record of a segment: its block and its entry in the index. It may have left the index since.</summary>
internal readonly record struct SegmentEntry(uint Step, RecordId Id);

/// <summary>
/// The records of one segment by position: all that the walk in physical order needs besides the index. 6 bytes each: 18 bits of block
/// (<see cref="RecordEntry.MaxSteps"/>) above 30 bits of id. Safe for concurrent use.
/// </summary>
internal sealed class SegmentRecords
{
    private const int IdBits = 30;

    private readonly Lock _gate = new();

    // The lower 32 and the upper 16 bits of each word.
    private uint[] _low = [];
    private ushort[] _high = [];
    private int _count;
    private bool _sorted = true;

    /// <summary>Bytes of memory for the entries.</summary>
    public long MemoryBytes
    {
        get
        {
            lock (_gate)
            {
                return ((long)_low.Length * sizeof(uint)) + ((long)_high.Length * sizeof(ushort));
            }
        }
    }

    public void Add(SegmentEntry entry)
    {
        lock (_gate)
        {
            if (_count == _low.Length)
            {
                Resize(Math.Max(16, _count + (_count / 2)));
            }

            ulong word = ((ulong)entry.Step << IdBits) | entry.Id.Value;
            _sorted &= _count == 0 || WordAt(_count - 1) <= word;
            Set(_count++, word);
        }
    }

    /// <summary>The first record at or behind a block, live or not.</summary>
    public bool TryNext(uint block, out SegmentEntry entry)
    {
        lock (_gate)
        {
            Sort();
            int at = LowerBound(block);
            entry = at < _count ? EntryAt(at) : default;
            return at < _count;
        }
    }

    /// <summary>All records, for walks that change the index meanwhile.</summary>
    public SegmentEntry[] Snapshot()
    {
        lock (_gate)
        {
            Sort();
            var all = new SegmentEntry[_count];
            for (int at = 0; at < all.Length; at++)
            {
                all[at] = EntryAt(at);
            }

            return all;
        }
    }

    /// <summary>Forgets the records of a block.</summary>
    public void Remove(uint block)
    {
        lock (_gate)
        {
            Sort();
            int at = LowerBound(block);
            int end = LowerBound(block + 1);
            _low.AsSpan(end, _count - end).CopyTo(_low.AsSpan(at));
            _high.AsSpan(end, _count - end).CopyTo(_high.AsSpan(at));
            _count -= end - at;
        }
    }

    /// <summary>Gives the slack back: nothing is appended any more.</summary>
    public void Trim()
    {
        lock (_gate)
        {
            Resize(_count);
        }
    }

    private ulong WordAt(int at) => ((ulong)_high[at] << 32) | _low[at];

    private SegmentEntry EntryAt(int at)
    {
        ulong word = WordAt(at);
        return new SegmentEntry((uint)(word >> IdBits), new RecordId((uint)word & ((1u << IdBits) - 1)));
    }

    private void Set(int at, ulong word) => (_low[at], _high[at]) = ((uint)word, (ushort)(word >> 32));

    private void Resize(int length)
    {
        Array.Resize(ref _low, length);
        Array.Resize(ref _high, length);
    }

    private void Sort()
    {
        if (_sorted)
        {
            return;
        }

        ulong[] words = new ulong[_count];
        for (int at = 0; at < words.Length; at++)
        {
            words[at] = WordAt(at);
        }

        Array.Sort(words);
        for (int at = 0; at < words.Length; at++)
        {
            Set(at, words[at]);
        }

        _sorted = true;
    }

    private int LowerBound(uint block)
    {
        ulong word = (ulong)block << IdBits;
        int low = 0;
        int high = _count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            (low, high) = WordAt(middle) < word ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
