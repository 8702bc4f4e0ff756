using System.Runtime.CompilerServices;

namespace Dora.Storage.Metadata;

/// <summary>
/// The upper level. Two parts, both bounded and allocated once:
/// <list type="bullet">
/// <item>Packed entries without their paths, 49 bytes each, in a few large arrays that hold no references: the garbage collector neither walks nor moves them, however
/// many there are. Whoever knows the path (a stat, an open) gets metadata made from them.</item>
/// <item>The last used objects, by a direct map: what is read again at once costs no lock and no allocation, and needs no path.</item>
/// </list>
/// Packed entries lie in sets of 16. Each has a counter (0 to 3) that a hit raises; the victim of an addition is one with 0, and all are lowered when there is none or
/// after as many additions as the set is wide. So what a scan brings in goes first, and what was hot once goes in the end (generalized CLOCK, Smith 1978).
/// Changes and packed lookups of one file take its stripe's lock; the caller takes it, because it covers the disk too.
/// </summary>
internal sealed class MemoryMetadataCache
{
    /// <summary>Locks, each with its own share of both parts. A power of two.</summary>
    public const int Stripes = 1024;

    private const int Ways = 16;
    private const int Objects = 16 * Stripes; // about 5 MB
    private const byte MaxUses = 3;

    private readonly MetadataExpiry _expiry;
    private readonly Lock[] _locks = [.. Enumerable.Range(0, Stripes).Select(static _ => new Lock())];
    private readonly FileMetadata?[] _objects;
    private readonly PackedMetadata[] _entries;
    private readonly byte[] _uses;
    private readonly byte[] _additions; // by set, since its counters were lowered
    private readonly byte[] _hands; // by set
    private readonly int[] _counts; // entries by stripe
    private readonly int _stripes;
    private readonly int _setsPerStripe;
    private readonly int _ways;
    private long _negativeAfter = long.MinValue;

    /// <param name="maxEntries">At least 1.</param>
    /// <param name="maxBytes">What the arrays may take; a cache of fewer than 16 sets is allowed, for tests.</param>
    /// <param name="expiry">The rule of age.</param>
    public MemoryMetadataCache(int maxEntries, long maxBytes, MetadataExpiry expiry)
    {
        _expiry = expiry;
        long entries = Math.Clamp(maxBytes / BytesPerEntry, 1, Math.Min(maxEntries, Array.MaxLength));
        _ways = (int)Math.Min(entries, Ways);
        long sets = entries / _ways;
        _stripes = sets >= Stripes ? Stripes : 1;
        _setsPerStripe = (int)(sets / _stripes);
        Capacity = _stripes * _setsPerStripe * _ways;
        _entries = new PackedMetadata[Capacity];
        _uses = new byte[Capacity];
        _additions = new byte[_stripes * _setsPerStripe];
        _hands = new byte[_additions.Length];
        _counts = new int[_stripes];
        _objects = new FileMetadata?[_stripes == 1 ? 1 : Objects];
    }

    /// <summary>Bytes of one packed entry.</summary>
    public static int BytesPerEntry => Unsafe.SizeOf<PackedMetadata>() + 1;

    /// <summary>Packed entries that fit.</summary>
    public int Capacity { get; }

    public int Entries
    {
        get
        {
            int sum = 0;
            foreach (int count in _counts)
            {
                sum += count;
            }

            return sum;
        }
    }

    /// <summary>What the entries take; the arrays are reserved whole, and the operating system gives memory to the parts that are used.</summary>
    public long Bytes => (long)Entries * BytesPerEntry;

    /// <summary>The lock of a file. A small cache has one for all.</summary>
    public Lock LockOf(FileId file) => _locks[StripeOf(file)];

    /// <summary>The number of a file's lock. Who takes several takes them in this order.</summary>
    public int StripeOf(FileId file) => (int)(file.Low & (uint)(_stripes - 1));

    /// <summary>A live object that was used lately. Takes no lock.</summary>
    public FileMetadata? GetRecent(FileId file)
    {
        FileMetadata? recent = Volatile.Read(ref RecentSlot(file));
        return recent is not null && recent.Id == file && IsLive(recent.Kind, recent.LoadedAt) ? recent : null;
    }

    /// <summary>Under the file's lock. A live entry, made an object.</summary>
    public FileMetadata? Get(FileId file, string ufsPath)
    {
        int at = Find(file);
        if (at < 0)
        {
            return null;
        }

        ref PackedMetadata entry = ref _entries[at];
        if (!IsLive(entry.Kind, entry.LoadedAt))
        {
            Clear(file, at);
            return null;
        }

        _uses[at] = Math.Min(MaxUses, (byte)(_uses[at] + 1));
        FileMetadata metadata = entry.ToMetadata(ufsPath);
        Volatile.Write(ref RecentSlot(file), metadata);
        return metadata;
    }

    /// <summary>Under the file's lock. When and what is known, with no path needed; <see langword="false"/> when there is no live entry.</summary>
    public bool TryPeek(FileId file, out PackedMetadata entry)
    {
        int at = Find(file);
        entry = at < 0 ? default : _entries[at];
        return at >= 0 && IsLive(entry.Kind, entry.LoadedAt);
    }

    /// <summary>Under the file's lock. Adds or replaces, displacing as needed.</summary>
    /// <param name="metadata">What is known.</param>
    /// <param name="isUsed">Whether somebody asks for it now; a load or a listing does not.</param>
    public void Put(FileMetadata metadata, bool isUsed)
    {
        FileId file = metadata.Id;
        ref FileMetadata? recent = ref RecentSlot(file);
        if (isUsed || Volatile.Read(ref recent)?.Id == file)
        {
            Volatile.Write(ref recent, metadata);
        }

        int at = Find(file);
        if (at < 0)
        {
            at = Displace(file);
            _counts[StripeOf(file)] += _entries[at].IsEmpty ? 1 : 0;
            _uses[at] = 0;
        }

        _entries[at] = PackedMetadata.From(metadata);
    }

    /// <summary>Under the file's lock.</summary>
    /// <returns>Whether a live entry was there.</returns>
    public bool Remove(FileId file)
    {
        ref FileMetadata? recent = ref RecentSlot(file);
        bool found = false;
        if (recent?.Id == file)
        {
            found = IsLive(recent.Kind, recent.LoadedAt);
            Volatile.Write(ref recent, null);
        }

        int at = Find(file);
        if (at >= 0)
        {
            found |= IsLive(_entries[at].Kind, _entries[at].LoadedAt);
            Clear(file, at);
        }

        return found;
    }

    /// <summary>Ends all negative entries loaded up to a time, at no cost by their number.</summary>
    public void RemoveNegative(DateTimeOffset until) => Volatile.Write(ref _negativeAfter, until.UtcTicks);

    private bool IsLive(FileKind kind, DateTimeOffset loadedAt) =>
        _expiry.IsLive(kind, loadedAt) && (kind != FileKind.Missing || loadedAt.UtcTicks > Volatile.Read(ref _negativeAfter));

    private ref FileMetadata? RecentSlot(FileId file) => ref _objects[(int)(file.Low & (uint)(_objects.Length - 1))];

    private int SetOf(FileId file) => (StripeOf(file) * _setsPerStripe) + (int)Math.BigMul(file.High, (ulong)_setsPerStripe, out _);

    private int Find(FileId file)
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

    /// <summary>A place for a new entry: an empty one, else that of the next entry behind the last victim which nobody has used lately.</summary>
    private int Displace(FileId file)
    {
        int set = SetOf(file);
        ReadOnlySpan<PackedMetadata> entries = _entries.AsSpan(set * _ways, _ways);
        for (int way = 0; way < _ways; way++)
        {
            if (entries[way].IsEmpty)
            {
                return (set * _ways) + way;
            }
        }

        Span<byte> uses = _uses.AsSpan(set * _ways, _ways);
        if (++_additions[set] >= _ways)
        {
            _additions[set] = 0;
            Lower(uses);
        }

        int hand = _hands[set];
        while (true)
        {
            for (int step = 0; step < _ways; step++)
            {
                int way = (hand + step) % _ways;
                if (uses[way] == 0)
                {
                    _hands[set] = (byte)((way + 1) % _ways);
                    return (set * _ways) + way;
                }
            }

            Lower(uses);
        }
    }

    private static void Lower(Span<byte> uses)
    {
        foreach (ref byte count in uses)
        {
            count -= count > 0 ? (byte)1 : (byte)0;
        }
    }

    private void Clear(FileId file, int at)
    {
        _entries[at] = default;
        _uses[at] = 0;
        _counts[StripeOf(file)]--;
    }
}
