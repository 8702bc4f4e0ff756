using Dora.Storage.Pages.Records;

namespace Dora.Storage.Pages.Index;

/// <summary>
/// A record in memory: 24 bytes. Everything a page costs is here and in <see cref="FileEntry"/>, so bits are counted: slots have 23 bits, and the
/// 32 bits of the time of the put lie in what the other fields leave.
/// <code>
///  0  8  place: tail 16 (bytes of the last 64 KiB block, minus 1), blocks minus 1 4, first block 4, time 6, step in the segment 18, segment slot 16
///  8  4  file: slot 23, time 9
/// 12  4  next: slot 23, time 9
/// 16  4  page index
/// 20  2  verified blocks
/// 22  1  eviction policy's byte
/// 23  1  time 8
/// </code>
/// </summary>
internal struct RecordEntry : IChainedEntry
{
    /// <summary>Slots are below this.</summary>
    public const int MaxSlots = 1 << SlotBits;

    /// <summary>Steps of <see cref="RecordPlace.StepSize"/> in a segment: 1 GiB.</summary>
    public const uint MaxSteps = 1 << 18;

    private const int SlotBits = 23;
    private const uint SlotMask = MaxSlots - 1;
    private const ulong TimeInPlace = 63UL << 24;

    private ulong _place;
    private readonly uint _file;
    private uint _next;
    private readonly uint _page;
    private ushort _verified;
    private byte _state;
    private readonly byte _time;

    public RecordEntry(int file, uint page, in IndexedRecord record, byte state)
    {
        uint time = record.StoredAt;
        int last = record.Length - 1;
        const int Grid = PageGeometry.ExtentGrid;
        _place = ((ulong)record.Place.Slot << 48)
            | ((ulong)record.Place.Step << 30)
            | ((ulong)(time & 63) << 24)
            | ((ulong)(record.Offset / Grid) << 20)
            | ((ulong)(last / Grid) << 16)
            | (uint)(last % Grid);
        _file = (uint)file | (((time >> 6) & 511) << SlotBits);
        _next = ((time >> 15) & 511) << SlotBits;
        _time = (byte)(time >> 24);
        (_page, _verified, _state) = (page, record.Verified, state);
    }

    /// <summary>The slot of its file; 0 in free entries.</summary>
    public readonly int File => (int)(_file & SlotMask);

    /// <summary>Next of the file's list, of the bucket, or of the free entries.</summary>
    public int Next
    {
        readonly get => (int)(_next & SlotMask);
        set => _next = (_next & ~SlotMask) | (uint)value;
    }

    public readonly uint Page => _page;

    public readonly uint Hash => HashOf(File, _page);

    /// <summary>Where it lies.</summary>
    public readonly RecordPlace Place => new((ushort)(_place >> 48), (uint)(_place >> 30) & (MaxSteps - 1));

    /// <summary>First byte in the page.</summary>
    public readonly int Offset => (int)((_place >> 20) & 15) * PageGeometry.ExtentGrid;

    /// <summary>One past the last byte in the page.</summary>
    public readonly int End => ((int)((_place >> 20) & 15) * PageGeometry.ExtentGrid) + Length;

    public readonly int Length => ((int)((_place >> 16) & 15) * PageGeometry.ExtentGrid) + (int)(_place & 0xFFFF) + 1;

    /// <summary>One bit per block; a bit is set under the lock and read without.</summary>
    public ushort Verified
    {
        readonly get => _verified;
        set => _verified = value;
    }

    /// <summary>The place word without the time: what images save.</summary>
    public readonly ulong PackedPlace => _place & ~TimeInPlace;

    public readonly uint StoredAt =>
        ((uint)(_place >> 24) & 63) | ((_file >> SlotBits) << 6) | ((_next >> SlotBits) << 15) | ((uint)_time << 24);

    /// <summary>The eviction policy's byte.</summary>
    [System.Diagnostics.CodeAnalysis.UnscopedRef]
    public ref byte State => ref _state;

    public readonly byte SavedState => _state;

    /// <summary>Names another place, unverified.</summary>
    public void Move(RecordPlace to)
    {
        const int Rest = 30;
        _place = (_place & ((1UL << Rest) - 1)) | ((ulong)to.Slot << 48) | ((ulong)to.Step << Rest);
        _verified = 0;
    }

    /// <summary>All of it, for the caller.</summary>
    public readonly IndexedRecord ToRecord(in FileEntry file) =>
        new(Place, Offset, Length, file.Mount, file.IsPinned, StoredAt, _verified);

    public static uint HashOf(int file, uint page) => (uint)(((((ulong)(uint)file << 32) | page) * 0x9E3779B97F4A7C15) >> 29);

    /// <summary>The record of a saved place word; <see langword="false"/> when no record has such a word.</summary>
    public static bool TryUnpack(ulong place, ushort mount, bool pinned, uint storedAt, out IndexedRecord record)
    {
        var entry = new RecordEntry { _place = place };
        record = new IndexedRecord(entry.Place, entry.Offset, entry.Length, mount, pinned, storedAt, 0);
        return (place & TimeInPlace) == 0 && record.End <= IndexPage.Bytes;
    }
}

/// <summary>The page of this index.</summary>
internal static class IndexPage
{
    /// <summary>Bytes of the file that a page covers, whatever the mount's fetch size.</summary>
    public const int Bytes = 1 << 20;
}
