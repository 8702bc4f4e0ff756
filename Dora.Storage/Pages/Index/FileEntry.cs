namespace Dora.Storage.Pages.Index;

/// <summary>
/// A file with records: 32 bytes. The version is kept once per file, not per record, because one version of a file is kept. So are mount and pin.
/// <code>
///  0 16  id
/// 16  8  version
/// 24  4  next: slot 23, upper bits of the mount 9
/// 28  4  first record's slot, or number of records when they are hashed 23, lower bits of the mount 7, pinned 1, hashed 1
/// </code>
/// </summary>
internal struct FileEntry : IChainedEntry
{
    private const int SlotBits = 23;
    private const uint SlotMask = (1u << SlotBits) - 1;
    private const uint Hashed = 1u << 31;
    private const uint Pinned = 1u << 30;

    private readonly ulong _high;
    private readonly ulong _low;
    private readonly ulong _version;
    private uint _next;
    private uint _records;

    public FileEntry(FileId id, FileVersion version, ushort mount, bool pinned)
    {
        (_high, _low, _version) = (id.High, id.Low, version.Value);
        _next = (uint)(mount >> 7) << SlotBits;
        _records = (uint)(mount & 127) << SlotBits;
        IsPinned = pinned;
    }

    public readonly FileId Id => new(_high, _low);

    public readonly FileVersion Version => new(_version);

    /// <summary>Next in the bucket, or in the list of free entries.</summary>
    public int Next
    {
        readonly get => (int)(_next & SlotMask);
        set => _next = (_next & ~SlotMask) | (uint)value;
    }

    public readonly uint Hash => HashOf(Id);

    /// <summary>The mount's tag: the first put's.</summary>
    public readonly ushort Mount => (ushort)(((_next >> SlotBits) << 7) | ((_records >> SlotBits) & 127));

    /// <summary>Whether the records are in the shard's page table; otherwise they are a short list. Never changes back.</summary>
    public readonly bool IsHashed => (_records & Hashed) != 0;

    public bool IsPinned
    {
        readonly get => (_records & Pinned) != 0;
        set => _records = value ? _records | Pinned : _records & ~Pinned;
    }

    /// <summary>The first record of the list.</summary>
    public int First
    {
        readonly get => IsHashed ? 0 : (int)(_records & SlotMask);
        set => _records = (_records & ~SlotMask) | (uint)value;
    }

    /// <summary>The number of hashed records; setting it says that they are hashed.</summary>
    public int Count
    {
        readonly get => IsHashed ? (int)(_records & SlotMask) : 0;
        set => _records = (_records & ~SlotMask) | Hashed | (uint)value;
    }

    /// <summary>Whether there are no records.</summary>
    public readonly bool IsEmpty => (_records & SlotMask) == 0;

    public static uint HashOf(FileId id) => (uint)(ShardHash.Of(id) >> 8);

    public readonly bool Is(FileId id) => _low == id.Low && _high == id.High;
}
