using System.Runtime.InteropServices;

namespace Dora.Storage.Metadata;

/// <summary>
/// The upper level. Two parts, both bounded:
/// <list type="bullet">
/// <item>Packed entries without their paths, 34 bytes each, in memory outside the collector's heap: however many there are, it neither walks nor moves them, and what
/// they take grows with them and is given back. Whoever knows the path (a stat, an open) gets metadata made from them.</item>
/// <item>The last used objects, by a direct map: what is read again at once costs no lock and no allocation, and needs no path.</item>
/// </list>
/// Changes and packed lookups of one file are made under its lock; the caller takes it, because it covers the disk too.
/// </summary>
internal sealed unsafe class MemoryMetadataCache : IDisposable
{
    private const int ManyStripes = 1 << MemoryKey.StripeBits;
    private const int ObjectsPerStripe = 16; // 16,384 objects, about 5 MB
    private const int HugePage = 2 << 20;
    private const int MaxSetsOfStripe = 1 << 26;

    private readonly MetadataExpiry _expiry;
    private readonly long _maxEntries;
    private readonly long _baseSeconds;
    private readonly MemoryStripe[] _stripes;
    private readonly FileMetadata?[] _objects;
    private readonly InvalidatedPaths _invalidations = new();
    private readonly nuint _bytes;
    private void* _memory;

    /// <param name="maxEntries">At least 1.</param>
    /// <param name="maxBytes">What the packed entries may ever take; a small cache has one stripe, for tests.</param>
    /// <param name="expiry">The rule of age.</param>
    public MemoryMetadataCache(long maxEntries, long maxBytes, MetadataExpiry expiry)
    {
        _expiry = expiry;
        _maxEntries = maxEntries;
        _baseSeconds = PackedMetadata.BaseSeconds(expiry.Now);
        long entries = Math.Min(maxEntries, maxBytes / MemorySet.Size * MemorySet.Ways);
        _stripes = new MemoryStripe[entries >= 4 * MemorySet.Ways * ManyStripes ? ManyStripes : 1];
        int ways = (int)Math.Clamp(entries, 1, MemorySet.Ways);
        int sets = (int)Math.Clamp(entries / ways / _stripes.Length, 1, MaxSetsOfStripe);
        _bytes = (nuint)_stripes.Length * (nuint)sets * MemorySet.Size;
        _memory = NativeMemory.AlignedAlloc(_bytes, (nuint)(_bytes >= HugePage ? HugePage : MemorySet.Size));
        for (int i = 0; i < _stripes.Length; i++)
        {
            _stripes[i] = new MemoryStripe((MemorySet*)_memory + ((long)i * sets), sets, ways);
        }

        _objects = new FileMetadata?[_stripes.Length == 1 ? 1 : ManyStripes * ObjectsPerStripe];
    }

    /// <summary>Packed entries that fit.</summary>
    public long Capacity => _stripes.Sum(static s => s.Capacity);

    public long Entries => _stripes.Sum(static s => (long)s.Count);

    /// <summary>What the packed entries take, free places among them included.</summary>
    public long Bytes => _stripes.Sum(static s => s.Bytes);

    /// <summary>The lock of a file. A small cache has one for all.</summary>
    public Lock LockOf(FileId file) => StripeOf(file).Lock;

    /// <summary>How many there are.</summary>
    public int Locks => _stripes.Length;

    /// <summary>The number of a file's lock. Who takes several takes them in this order.</summary>
    public int LockNumber(FileId file) => (int)(file.Low & (uint)(_stripes.Length - 1));

    /// <summary>Changes of a stripe's files so far; see <see cref="MemoryStripe.Changes"/>. Takes no lock.</summary>
    public void ReadChanges(Span<long> changes)
    {
        for (int i = 0; i < _stripes.Length; i++)
        {
            changes[i] = _stripes[i].Changes;
        }
    }

    /// <summary>Under the file's lock, after the disk has taken or refused a change of it.</summary>
    public void NoteChange(FileId file) => StripeOf(file).Changes++;

    /// <summary>A live object that was used lately. Takes no lock.</summary>
    public FileMetadata? GetRecent(FileId file)
    {
        FileMetadata? recent = Volatile.Read(ref RecentSlot(file));
        return recent is not null && recent.Id == file && IsLive(recent) ? recent : null;
    }

    /// <summary>Under the file's lock. A live entry, made an object.</summary>
    public FileMetadata? Get(FileId file, string ufsPath)
    {
        MemoryStripe stripe = StripeOf(file);
        int place = stripe.Find(new MemoryKey(file));
        if (place < 0)
        {
            return null;
        }

        ref readonly PackedMetadata entry = ref stripe.At(place);
        if (!IsLive(entry.Kind, entry.LoadedAt(_baseSeconds), ufsPath))
        {
            stripe.Clear(place);
            return null;
        }

        stripe.NoteUse(place);
        FileMetadata metadata = entry.ToMetadata(file, ufsPath, _baseSeconds);
        Volatile.Write(ref RecentSlot(file), metadata);
        return metadata;
    }

    /// <summary>Under the file's lock. Adds or replaces, displacing as needed.</summary>
    /// <param name="metadata">What is known.</param>
    /// <param name="isUsed">Whether somebody asks for it now; a load or a listing does not.</param>
    public void Put(FileMetadata metadata, bool isUsed)
    {
        ref FileMetadata? recent = ref RecentSlot(metadata.Id);
        if (isUsed || Volatile.Read(ref recent)?.Id == metadata.Id)
        {
            Volatile.Write(ref recent, metadata);
        }

        MemoryStripe stripe = StripeOf(metadata.Id);
        var key = new MemoryKey(metadata.Id);
        if (PackedMetadata.TryPack(metadata, key, _baseSeconds, out PackedMetadata packed))
        {
            stripe.Put(key, packed);
            return;
        }

        int place = stripe.Find(key);
        if (place >= 0)
        {
            stripe.Clear(place); // what was there is no longer true
        }
    }

    /// <summary>Under the file's lock. Adds what was found on disk, if it is not there and displaces nothing.</summary>
    /// <param name="record">Its record on disk.</param>
    /// <param name="changes">Changes of its stripe before the disk was read: if there were more since, the record may be old and is left.</param>
    /// <returns>Whether there is room.</returns>
    public bool TryAdd(in StoredMetadata record, long changes)
    {
        MemoryStripe stripe = StripeOf(record.Id);
        var key = new MemoryKey(record.Id);
        return stripe.Changes != changes || !record.TryPack(key, _baseSeconds, out PackedMetadata packed) || stripe.TryAdd(key, packed);
    }

    /// <summary>Under the file's lock.</summary>
    /// <returns>Whether a live entry was there.</returns>
    public bool Remove(FileId file)
    {
        ref FileMetadata? recent = ref RecentSlot(file);
        bool found = false;
        if (recent?.Id == file)
        {
            found = IsLive(recent);
            Volatile.Write(ref recent, null);
        }

        MemoryStripe stripe = StripeOf(file);
        int place = stripe.Find(new MemoryKey(file));
        if (place >= 0)
        {
            found |= IsLive(stripe.At(place).Kind, stripe.At(place).LoadedAt(_baseSeconds), ufsPath: null);
            stripe.Clear(place);
        }

        return found;
    }

    /// <summary>Ends the negative entries at and below a path that were loaded up to a time, at no cost by their number.</summary>
    public void RemoveNegative(string ufsPath, DateTimeOffset until) => _invalidations.Add(ufsPath, until);

    /// <summary>Makes the packed entries take no more than this, or allows them to. Takes the locks itself, one after the other.</summary>
    public void Resize(long maxBytes)
    {
        long sets = Math.Min(maxBytes / MemorySet.Size, _maxEntries / MemorySet.Ways) / _stripes.Length;
        foreach (MemoryStripe stripe in _stripes)
        {
            lock (stripe.Lock)
            {
                stripe.Limit(sets);
            }
        }
    }

    /// <summary>Makes room for this many entries at once where there are none yet. If they will take nearly all the memory, it is asked for in large pages.</summary>
    public void Expect(long entries)
    {
        if (entries >= Capacity / 10 * 8)
        {
            LinuxMemory.PreferHugePages(_memory, (nint)_bytes);
        }

        foreach (MemoryStripe stripe in _stripes)
        {
            lock (stripe.Lock)
            {
                stripe.Expect(entries / _stripes.Length);
            }
        }
    }

    /// <summary>Gives the memory back. A late call finds nothing.</summary>
    public void Dispose()
    {
        foreach (MemoryStripe stripe in _stripes)
        {
            lock (stripe.Lock)
            {
                stripe.Close();
            }
        }

        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }

    private bool IsLive(FileMetadata metadata) => IsLive(metadata.Kind, metadata.LoadedAt, metadata.UfsPath);

    private bool IsLive(FileKind kind, DateTimeOffset loadedAt, string? ufsPath) =>
        _expiry.IsLive(kind, loadedAt) && (kind != FileKind.Missing || !_invalidations.HasEnded(ufsPath, loadedAt));

    private MemoryStripe StripeOf(FileId file) => _stripes[LockNumber(file)];

    // A slot belongs to one stripe, so that the stripe's lock covers its changes.
    private ref FileMetadata? RecentSlot(FileId file) => ref _objects[(int)(file.Low & (uint)(_objects.Length - 1))];
}
