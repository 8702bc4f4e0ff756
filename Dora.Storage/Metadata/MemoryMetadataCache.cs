using System.Runtime.CompilerServices;

namespace Dora.Storage.Metadata;

/// <summary>
/// The upper level. Two parts, both bounded:
/// <list type="bullet">
/// <item>Packed entries without their paths, 49 bytes each, in a few thousand arrays that hold no references: the garbage collector neither walks nor moves them, however
/// many entries there are. Whoever knows the path (a stat, an open) gets metadata made from them.</item>
/// <item>The last used objects, by a direct map: what is read again at once costs no lock and no allocation, and needs no path.</item>
/// </list>
/// Changes and packed lookups of one file are made under its lock; the caller takes it, because it covers the disk too.
/// </summary>
internal sealed class MemoryMetadataCache
{
    private const int ManyStripes = 1024;
    private const int ObjectsPerStripe = 16; // 16,384 objects, about 5 MB

    private readonly MetadataExpiry _expiry;
    private readonly long _maxEntries;
    private readonly MemoryStripe[] _stripes;
    private readonly FileMetadata?[] _objects;
    private readonly NegativeInvalidations _invalidations = new();

    /// <param name="maxEntries">At least 1.</param>
    /// <param name="maxBytes">What the packed entries may take; a small cache has one stripe, for tests.</param>
    /// <param name="expiry">The rule of age.</param>
    public MemoryMetadataCache(long maxEntries, long maxBytes, MetadataExpiry expiry)
    {
        _expiry = expiry;
        _maxEntries = maxEntries;
        long entries = EntriesIn(maxBytes);
        _stripes = new MemoryStripe[entries >= 16 * ManyStripes ? ManyStripes : 1];
        for (int i = 0; i < _stripes.Length; i++)
        {
            _stripes[i] = new MemoryStripe(entries / _stripes.Length);
        }

        _objects = new FileMetadata?[_stripes.Length == 1 ? 1 : ManyStripes * ObjectsPerStripe];
    }

    /// <summary>Bytes of one packed entry.</summary>
    public static int BytesPerEntry => Unsafe.SizeOf<PackedMetadata>() + 1;

    /// <summary>Packed entries that fit.</summary>
    public long Capacity => _stripes.Sum(static s => (long)s.Capacity);

    public int Entries => _stripes.Sum(static s => s.Count);

    /// <summary>What the entries take; the operating system gives memory to the parts of the arrays that were used.</summary>
    public long Bytes => (long)Entries * BytesPerEntry;

    /// <summary>The lock of a file. A small cache has one for all.</summary>
    public Lock LockOf(FileId file) => StripeOf(file).Lock;

    /// <summary>The number of a file's lock. Who takes several takes them in this order.</summary>
    public int LockNumber(FileId file) => (int)(file.Low & (uint)(_stripes.Length - 1));

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
        int place = stripe.Find(file);
        if (place < 0)
        {
            return null;
        }

        ref readonly PackedMetadata entry = ref stripe.At(place);
        if (!IsLive(entry.Kind, entry.LoadedAt, ufsPath))
        {
            stripe.Clear(place);
            return null;
        }

        stripe.NoteUse(place);
        FileMetadata metadata = entry.ToMetadata(ufsPath);
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

        StripeOf(metadata.Id).Put(metadata.Id, PackedMetadata.From(metadata));
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
        int place = stripe.Find(file);
        if (place >= 0)
        {
            found |= IsLive(stripe.At(place).Kind, stripe.At(place).LoadedAt, ufsPath: null);
            stripe.Clear(place);
        }

        return found;
    }

    /// <summary>Ends the negative entries at and below a path that were loaded up to a time, at no cost by their number.</summary>
    public void RemoveNegative(string ufsPath, DateTimeOffset until) => _invalidations.Add(ufsPath, until);

    /// <summary>Makes the packed entries take no more than this, or allows them to. Takes the locks itself, one after the other.</summary>
    public void Resize(long maxBytes)
    {
        long entries = EntriesIn(maxBytes) / _stripes.Length;
        foreach (MemoryStripe stripe in _stripes)
        {
            lock (stripe.Lock)
            {
                stripe.Resize(entries);
            }
        }
    }

    private long EntriesIn(long bytes) => Math.Clamp(bytes / BytesPerEntry, 1, Math.Min(_maxEntries, Array.MaxLength));

    private bool IsLive(FileMetadata metadata) => IsLive(metadata.Kind, metadata.LoadedAt, metadata.UfsPath);

    private bool IsLive(FileKind kind, DateTimeOffset loadedAt, string? ufsPath) =>
        _expiry.IsLive(kind, loadedAt) && (kind != FileKind.Missing || !_invalidations.HasEnded(ufsPath, loadedAt));

    private MemoryStripe StripeOf(FileId file) => _stripes[LockNumber(file)];

    // A slot belongs to one stripe, so that the stripe's lock covers its changes.
    private ref FileMetadata? RecentSlot(FileId file) => ref _objects[(int)(file.Low & (uint)(_objects.Length - 1))];
}
