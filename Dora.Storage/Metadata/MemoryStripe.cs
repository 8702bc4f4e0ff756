namespace Dora.Storage.Metadata;

/// <summary>
/// A share of the packed entries, with its lock; its caller holds the lock. Entries lie in sets of 16. Each has a counter (0 to 3) that a hit raises; the victim of an addition is
/// one with 0, and all are lowered when there is none or after as many additions as the set is wide. So what a scan brings in goes first, and what was hot once goes in the
/// end (generalized CLOCK, Smith 1978).
/// </summary>
internal sealed class MemoryStripe
{
    private const int MaxWays = 16;
    private const byte MaxUses = 3;

    private readonly int _ways;
    private int _sets;
    private PackedMetadata[] _entries;
    private byte[] _uses;
    private byte[] _additions; // by set, since its counters were lowered
    private byte[] _hands; // by set: where the search for a victim starts

    public MemoryStripe(long capacity)
    {
        _ways = (int)Math.Clamp(capacity, 1, MaxWays);
        _sets = (int)Math.Max(1, capacity / _ways);
        Allocate(out _entries, out _uses, out _additions, out _hands);
    }

    public Lock Lock { get; } = new();

    public int Capacity => _sets * _ways;

    public int Count { get; private set; }

    /// <returns>The entry's place, or -1.</returns>
    public int Find(FileId file)
    {
        int first = SetOf(file) * _ways;
        ReadOnlySpan<PackedMetadata> set = _entries.AsSpan(first, _ways);
        for (int way = 0; way < set.Length; way++)
        {
            if (set[way].Is(file))
            {
                return first + way;
            }
        }

        return -1;
    }

    public ref readonly PackedMetadata At(int place) => ref _entries[place];

    public void NoteUse(int place) => _uses[place] = Math.Min(MaxUses, (byte)(_uses[place] + 1));

    public void Clear(int place)
    {
        _entries[place] = default;
        _uses[place] = 0;
        Count--;
    }

    /// <summary>Adds or replaces, displacing as needed.</summary>
    public void Put(FileId file, in PackedMetadata entry)
    {
        int place = Find(file);
        if (place < 0)
        {
            place = Displace(SetOf(file));
            Count += _entries[place].IsEmpty ? 1 : 0;
            _uses[place] = 0;
        }

        _entries[place] = entry;
    }

    /// <summary>Makes room for fewer entries, or more; those that do not fit are dropped.</summary>
    public void Resize(long capacity)
    {
        int sets = (int)Math.Max(1, capacity / _ways);
        if (sets == _sets)
        {
            return;
        }

        (PackedMetadata[] entries, byte[] uses) = (_entries, _uses);
        _sets = sets;
        Count = 0;
        Allocate(out _entries, out _uses, out _additions, out _hands);
        for (int place = 0; place < entries.Length; place++)
        {
            if (!entries[place].IsEmpty)
            {
                Put(entries[place].Id, entries[place]);
                _uses[Find(entries[place].Id)] = uses[place];
            }
        }
    }

    private static void Lower(Span<byte> uses)
    {
        foreach (ref byte count in uses)
        {
            count -= count > 0 ? (byte)1 : (byte)0;
        }
    }

    private int SetOf(FileId file) => (int)Math.BigMul(file.High, (ulong)_sets, out _);

    /// <summary>A place for a new entry: an empty one, else that of the next entry behind the last victim which nobody has used lately.</summary>
    private int Displace(int set)
    {
        int first = set * _ways;
        ReadOnlySpan<PackedMetadata> entries = _entries.AsSpan(first, _ways);
        for (int way = 0; way < _ways; way++)
        {
            if (entries[way].IsEmpty)
            {
                return first + way;
            }
        }

        Span<byte> uses = _uses.AsSpan(first, _ways);
        if (++_additions[set] >= _ways)
        {
            _additions[set] = 0;
            Lower(uses);
        }

        while (true)
        {
            for (int step = 0; step < _ways; step++)
            {
                int way = (_hands[set] + step) % _ways;
                if (uses[way] == 0)
                {
                    _hands[set] = (byte)((way + 1) % _ways);
                    return first + way;
                }
            }

            Lower(uses);
        }
    }

    private void Allocate(out PackedMetadata[] entries, out byte[] uses, out byte[] additions, out byte[] hands)
    {
        entries = new PackedMetadata[Capacity];
        uses = new byte[Capacity];
        additions = new byte[_sets];
        hands = new byte[_sets];
    }
}
