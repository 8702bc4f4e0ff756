using System.Buffers;
using Dora.Storage.Pages.Index;
using Dora.Storage.Pages.Segments;

namespace Dora.Storage.Pages.Records;

/// <summary>How a look at a record's bytes ended.</summary>
internal enum RecordState
{
    /// <summary>The bytes are the ones that were put.</summary>
    Right,

    /// <summary>There is a hole: the record had been given back when the checkpoint was not yet written again.</summary>
    Stale,

    /// <summary>A checksum or a head is wrong, or the disk cannot read.</summary>
    Damaged,
}

/// <summary>
/// Reads records and checks them: each 64 KiB block once since it was written or the store was started, before any of its bytes is served. Callers hold
/// the record's pin.
/// </summary>
internal sealed class RecordReader(StoreContext store, IPageIndex index)
{
    private const int Block = PageGeometry.ExtentGrid;

    /// <summary>Reads a part of a record.</summary>
    /// <param name="page">Its key.</param>
    /// <param name="id">Its entry.</param>
    /// <param name="record">What the index knows.</param>
    /// <param name="from">First byte in the record.</param>
    /// <param name="destination">Filled whole; worthless unless the answer is <see cref="RecordState.Right"/>.</param>
    /// <exception cref="IOException">The disk cannot read.</exception>
    public RecordState Read(in PageKey page, RecordId id, in IndexedRecord record, int from, Span<byte> destination)
    {
        Segment segment = store.Segments[record.Place.Slot]!;
        ushort wanted = Blocks(from, destination.Length);
        if ((record.Verified & wanted) == wanted)
        {
            return IsFilled(segment, destination, Payload(record) + from) ? RecordState.Right : RecordState.Damaged;
        }

        return ReadUnverified(segment, page, id, record, from, destination);
    }

    /// <summary>Checks the blocks of a part that have not been checked.</summary>
    /// <exception cref="IOException">The disk cannot read.</exception>
    public RecordState Verify(in PageKey page, RecordId id, in IndexedRecord record, int from, int length)
    {
        ushort wanted = Blocks(from, length);
        return (record.Verified & wanted) == wanted
            ? RecordState.Right
            : VerifyBlocks(page, id, record, (ushort)(wanted & ~record.Verified));
    }

    /// <summary>Checks all blocks, those checked before too.</summary>
    /// <exception cref="IOException">The disk cannot read.</exception>
    public RecordState VerifyAll(in PageKey page, RecordId id, in IndexedRecord record) => VerifyBlocks(page, id, record, Blocks(0, record.Length));

    /// <summary>Whether all blocks of a part were checked, by what the index knew.</summary>
    public static bool IsVerified(in IndexedRecord record, int from, int length)
    {
        ushort wanted = Blocks(from, length);
        return (record.Verified & wanted) == wanted;
    }

    /// <summary>Bit n: a part of a record touches its n-th block.</summary>
    private static ushort Blocks(int from, int length)
    {
        int first = from / Block;
        int count = ((from + length - 1) / Block) - first + 1;
        return (ushort)(((1 << count) - 1) << first);
    }

    private static long Payload(in IndexedRecord record) => record.Place.Position + RecordHeader.PayloadOffsetOf(record.Length);

    private static int BlockLength(in IndexedRecord record, int block) => Math.Min(Block, record.Length - (block * Block));

    private bool IsFilled(Segment segment, Span<byte> destination, long position) =>
        store.Device.Read(segment.File, destination, position) == destination.Length;

    private RecordState ReadUnverified(Segment segment, in PageKey page, RecordId id, in IndexedRecord record, int from, Span<byte> destination)
    {
        Span<uint> crcs = stackalloc uint[StorePage.Blocks];
        RecordState head = ReadHead(segment, page, record, crcs);
        if (head != RecordState.Right)
        {
            return head;
        }

        ushort passed = 0;
        while (!destination.IsEmpty)
        {
            int block = from / Block;
            int count = Math.Min(destination.Length, ((block + 1) * Block) - from);
            Span<byte> part = destination[..count];
            bool right = (record.Verified & (1 << block)) != 0
                ? IsFilled(segment, part, Payload(record) + from)
                : count == BlockLength(record, block)
                    ? IsFilled(segment, part, Payload(record) + from) && Crc32C.Compute(part) == crcs[block]
                    : TryReadBlock(segment, record, block, crcs[block], from - (block * Block), part);
            if (!right)
            {
                return RecordState.Damaged;
            }

            passed |= (ushort)(1 << block);
            destination = destination[count..];
            from += count;
        }

        index.SetVerified(id, record.Place, (ushort)(record.Verified | passed));
        return RecordState.Right;
    }

    private RecordState VerifyBlocks(in PageKey page, RecordId id, in IndexedRecord record, ushort blocks)
    {
        Segment segment = store.Segments[record.Place.Slot]!;
        Span<uint> crcs = stackalloc uint[StorePage.Blocks];
        RecordState head = ReadHead(segment, page, record, crcs);
        for (int block = 0; block < StorePage.Blocks && head == RecordState.Right; block++)
        {
            if ((blocks & (1 << block)) != 0 && !TryReadBlock(segment, record, block, crcs[block], 0, []))
            {
                head = RecordState.Damaged;
            }
        }

        if (head == RecordState.Right)
        {
            index.SetVerified(id, record.Place, (ushort)(record.Verified | blocks));
        }

        return head;
    }

    /// <summary>Reads a whole block beside the caller's memory, checks it, and copies the part wanted.</summary>
    private bool TryReadBlock(Segment segment, in IndexedRecord record, int block, uint crc, int from, Span<byte> destination)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Block);
        try
        {
            Span<byte> whole = buffer.AsSpan(0, BlockLength(record, block));
            if (!IsFilled(segment, whole, Payload(record) + ((long)block * Block)) || Crc32C.Compute(whole) != crc)
            {
                return false;
            }

            whole.Slice(from, destination.Length).CopyTo(destination);
            return true;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private RecordState ReadHead(Segment segment, in PageKey page, in IndexedRecord record, Span<uint> crcs)
    {
        Span<byte> head = stackalloc byte[RecordHeader.Size];
        int read = store.Device.Read(segment.File, head, record.Place.Position);
        if (!head[..read].ContainsAnyExcept((byte)0))
        {
            return RecordState.Stale;
        }

        return RecordHeader.TryRead(head[..read], record.Place.Position, segment.Salt, out RecordHeader header, crcs)
            && header.Page == page
            && header.Offset == record.Offset
            && header.Length == record.Length
                ? RecordState.Right
                : RecordState.Damaged;
    }
}
