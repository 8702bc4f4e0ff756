namespace Dora.Storage.Metadata;

/// <summary>
/// A share of the packed entries, with its lock; its caller holds the lock. An entry lies in one of two sets, in the emptier one when it is added, so that sets fill evenly and
/// nearly all places are used before one is wanted (Azar et al., 1994). The victim of an addition is an entry nobody used lately; all counters of a set are lowered when there is none,
/// and after as many additions as a set is wide. So what a scan brings in goes first, and what was hot once goes in the end (generalized CLOCK, Smith 1978).
/// The sets lie in memory outside the collector's heap, and are added and given back in place.
/// </summary>
internal sealed unsafe class MemoryStripe
{
    private readonly int _ways;
    private readonly int _room;
    private MemorySet* _memory;
    private int _limit;
    private int _sets;
    private byte[] _additions; // by set, since its counters were lowered; also where the search for a victim starts

    /// <param name="memory">Where its sets lie; belongs to the caller.</param>
    /// <param name="room">Sets that fit there.</param>
    /// <param name="ways">Entries a set may hold; fewer than there are ways in the smallest caches only.</param>
    public MemoryStripe(MemorySet* memory, int room, int ways)
    {
        _memory = memory;
        _additions = new byte[room];
        (_room, _limit, _ways) = (room, room, ways);
    }

    public Lock Lock { get; } = new();

    public int Count { get; private set; }

    /// <summary>Changes of its files that reached the disk or were refused by it; what was read from disk before the last one must not be believed after it.</summary>
    public long Changes { get; set; }

    public long Capacity => (long)_limit * _ways;

    /// <summary>Of memory that is in use.</summary>
    public long Bytes => (long)_sets * MemorySet.Size;

    /// <returns>The entry's place, or -1.</returns>
    public int Find(in MemoryKey key)
    {
        if (_sets == 0)
        {
            return -1;
        }

        int set = MemoryKey.FirstSet(key.Stored, _sets);
        int way = _memory[set].Find(key);
        if (way < 0)
        {
            set = MemoryKey.SecondSet(key.Stored, _sets);
            way = _memory[set].Find(key);
        }

        return way < 0 ? -1 : (set << 4) + way;
    }

    public ref readonly PackedMetadata At(int place) => ref _memory[place >> 4][place & 15];

    public void NoteUse(int place)
    {
        ref MemorySet set = ref _memory[place >> 4];
        int uses = set.Uses(place & 15);
        if (uses < 3)
        {
            set.SetUses(place & 15, uses + 1);
        }
    }

    public void Clear(int place)
    {
        _memory[place >> 4].Remove(place & 15);
        Count--;
    }

    /// <summary>Adds or replaces, displacing as needed.</summary>
    public void Put(in MemoryKey key, in PackedMetadata entry)
    {
        int place = Find(key);
        if (place >= 0)
        {
            ref MemorySet set = ref _memory[place >> 4];
            set.Write(place & 15, key.Tag, entry, set.Uses(place & 15));
            return;
        }

        place = FindEmpty(entry.Stored);
        if (place < 0 && _limit > 0)
        {
            place = Displace(entry.Stored);
        }

        if (place >= 0)
        {
            _memory[place >> 4].Write(place & 15, key.Tag, entry, uses: 0);
            Count++;
        }
    }

    /// <summary>Adds, if there is room and the entry is not there.</summary>
    /// <returns>Whether it is there now.</returns>
    public bool TryAdd(in MemoryKey key, in PackedMetadata entry)
    {
        if (Find(key) >= 0)
        {
            return true;
        }

        int place = FindEmpty(entry.Stored);
        if (place < 0)
        {
            return false;
        }

        _memory[place >> 4].Write(place & 15, key.Tag, entry, uses: 0);
        Count++;
        return true;
    }

    /// <summary>Makes room for this many entries at once, if there are none yet, as far as allowed.</summary>
    public void Expect(long entries)
    {
        long sets = Math.Min(_limit, (entries / _ways * 14 / 13) + 1); // 93 % full
        if (Count == 0 && sets > _sets)
        {
            _sets = (int)sets;
            new Span<MemorySet>(_memory, _sets).Clear();
        }
    }

    /// <summary>Allows this many sets. Above it they are given back, with the entries for which there is no room then.</summary>
    public void Limit(long sets)
    {
        if (_memory is null)
        {
            return; // closed
        }

        _limit = (int)Math.Clamp(sets, 1, _room);
        if (_sets > _limit)
        {
            int before = _sets;
            _sets = _limit;
            for (int set = 0; set < before; set++)
            {
                Move(set, before, null);
            }

            LinuxMemory.GiveBack(_memory + _sets, (nint)(before - _sets) * MemorySet.Size);
        }
    }

    /// <summary>Forgets everything, for good: the memory is about to go.</summary>
    public void Close()
    {
        (_sets, _limit, Count) = (0, 0, 0);
        _additions = [];
        _memory = null;
    }

    /// <summary>An empty place in the emptier of the entry's two sets; where there is none, sets are added as far as allowed. -1 when all that does not help.</summary>
    private int FindEmpty(ulong stored)
    {
        int place = FindEmptyNow(stored);
        while (place < 0 && _sets < _limit)
        {
            Grow();
            place = FindEmptyNow(stored);
        }

        return place;
    }

    private int FindEmptyNow(ulong stored)
    {
        if (_sets == 0)
        {
            return -1;
        }

        (int first, int second) = (MemoryKey.FirstSet(stored, _sets), MemoryKey.SecondSet(stored, _sets));
        int set = _memory[second].Count(_ways) < _memory[first].Count(_ways) ? second : first;
        int way = _memory[set].FindEmpty(_ways);
        return way < 0 ? -1 : (set << 4) + way;
    }

    /// <summary>By half. From the last set down, entries move up: where an entry goes has been left by its own entries before, or is the set it lies in.</summary>
    private void Grow()
    {
        int before = _sets;
        _sets = (int)Math.Min(_limit, before + (before / 2) + 1L);
        new Span<MemorySet>(_memory + before, _sets - before).Clear();
        List<(ushort Tag, PackedMetadata Entry, int Uses)> left = [];
        for (int set = before - 1; set >= 0; set--)
        {
            Move(set, before, left);
        }

        foreach ((ushort tag, PackedMetadata entry, int uses) in left)
        {
            int place = FindEmpty(entry.Stored);
            if (place >= 0)
            {
                _memory[place >> 4].Write(place & 15, tag, entry, uses);
                Count++;
            }
        }
    }

    /// <summary>Puts the entries of a set, as it was with another number of sets, where they belong now.</summary>
    /// <param name="from">The set.</param>
    /// <param name="setsBefore">How many there were.</param>
    /// <param name="left">Receives entries whose set is full for now; without it the less used are dropped.</param>
    private void Move(int from, int setsBefore, List<(ushort Tag, PackedMetadata Entry, int Uses)>? left)
    {
        MemorySet old = _memory[from];
        _memory[from] = default;
        for (int way = 0; way < _ways; way++)
        {
            if (!old.IsTaken(way))
            {
                continue;
            }

            ulong stored = old[way].Stored;
            int to = MemoryKey.FirstSet(stored, setsBefore) == from ? MemoryKey.FirstSet(stored, _sets) : MemoryKey.SecondSet(stored, _sets);
            ref MemorySet target = ref _memory[to];
            int place = target.FindEmpty(_ways);
            if (place < 0)
            {
                Count--;
                left?.Add((old.Tag(way), old[way], old.Uses(way)));
                place = left is null && old.Uses(way) > 0 ? FindUnused(ref target, stored) : -1;
            }

            if (place >= 0)
            {
                target.Write(place, old.Tag(way), old[way], old.Uses(way));
            }
        }
    }

    /// <summary>Makes a place in one of the entry's sets, of an entry nobody used lately.</summary>
    private int Displace(ulong stored)
    {
        int first = MemoryKey.FirstSet(stored, _sets);
        if (++_additions[first] % _ways == 0)
        {
            Lower(ref _memory[first]);
        }

        int second = MemoryKey.SecondSet(stored, _sets);
        while (true)
        {
            int set = first;
            int way = FindUnused(ref _memory[first], _additions[first]);
            if (way < 0)
            {
                set = second;
                way = FindUnused(ref _memory[second], _additions[first]);
            }

            if (way >= 0)
            {
                Clear((set << 4) + way);
                return (set << 4) + way;
            }

            Lower(ref _memory[first]);
            Lower(ref _memory[second]);
        }
    }

    private int FindUnused(ref MemorySet set, ulong start)
    {
        for (int step = 0; step < _ways; step++)
        {
            int way = (int)((start + (uint)step) % (uint)_ways);
            if (set.Uses(way) == 0)
            {
                return way;
            }
        }

        return -1;
    }

    private void Lower(ref MemorySet set)
    {
        for (int way = 0; way < _ways; way++)
        {
            set.SetUses(way, Math.Max(0, set.Uses(way) - 1));
        }
    }
}
