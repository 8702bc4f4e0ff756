using System.Runtime.InteropServices;

namespace Dora.Storage.Pages.Index;

/// <summary>
/// A file with records: 34 bytes. The version is kept once per file, not per record, because one version of a file is kept. So are mount and pin.
/// </summary>
[StructLayout(LayoutKind.Sequential, Pack = 2)]
internal struct FileEntry
{
    private const uint Hashed = 1u << 31;
    private const uint Put = 1u << 30;
    private const uint Pinned = 1u << 29;
    private const uint Flags = Hashed | Put | Pinned;

    private readonly ulong _high;
    private readonly ulong _low;
    private readonly ulong _version;

    // The first record of the list, or how many there are when they are hashed, and the flags. Zero in free entries.
    private uint _records;

    public FileEntry(FileId id, FileVersion version, ushort mount, bool pinned)
    {
        (_high, _low, _version, Mount) = (id.High, id.Low, version.Value, mount);
        IsPinned = pinned;
    }

    public readonly FileId Id => new(_high, _low);

    public readonly FileVersion Version => new(_version);

    /// <summary>Next in the bucket, or in the list of free entries.</summary>
    public int Next { readonly get; set; }

    /// <summary>The mount's tag: the last put's.</summary>
    public ushort Mount { readonly get; set; }

    /// <summary>Whether the records are in the shard's page table; otherwise they are a short list. Never changes back.</summary>
    public readonly bool IsHashed => (_records & Hashed) != 0;

    /// <summary>Whether some of them were put since the store was opened: what recovery finds later does not replace them.</summary>
    public bool IsPut
    {
        readonly get => (_records & Put) != 0;
        set => _records = value ? _records | Put : _records & ~Put;
    }

    public bool IsPinned
    {
        readonly get => (_records & Pinned) != 0;
        set => _records = value ? _records | Pinned : _records & ~Pinned;
    }

    /// <summary>The first record of the list.</summary>
    public int First
    {
        readonly get => IsHashed ? 0 : (int)(_records & ~Flags);
        set => _records = (_records & Flags) | (uint)value;
    }

    /// <summary>The number of hashed records; setting it says that they are hashed.</summary>
    public int Count
    {
        readonly get => IsHashed ? (int)(_records & ~Flags) : 0;
        set => _records = (_records & Flags) | Hashed | (uint)value;
    }

    /// <summary>Whether there are no records.</summary>
    public readonly bool IsEmpty => (_records & ~Flags) == 0;

    public readonly bool Is(FileId id) => _low == id.Low && _high == id.High;
}
