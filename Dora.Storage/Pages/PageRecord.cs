using System.Buffers;

namespace Dora.Storage.Pages;

/// <summary>A stored extent: where it is, and which of its blocks have been checked since they were written or found at start.</summary>
internal sealed class PageRecord
{
    private const int Block = PageGeometry.ExtentGrid;
    private const ulong Verified = 1UL << 32;

    // Low half: the block's CRC-32C. Bit 32: checked. Set at most from 0 to 1, so racing readers need no lock.
    private readonly ulong[] _blocks;

    public PageRecord(Segment segment, in RecordHeader header, ReadOnlySpan<uint> blockCrcs)
    {
        (Segment, Page, Offset, Length, Position) = (segment, header.Page, header.Offset, header.Length, header.Position);
        (PayloadPosition, RecordSize, TableCrc) = (header.Position + header.HeadSize, header.RecordSize, header.TableCrc);
        _blocks = new ulong[header.Blocks];
        for (int i = 0; i < _blocks.Length; i++)
        {
            _blocks[i] = blockCrcs[i];
        }
    }

    public Segment Segment { get; }

    public PageKey Page { get; }

    /// <summary>First byte in the page.</summary>
    public int Offset { get; }

    public int Length { get; }

    /// <summary>One past the last byte in the page.</summary>
    public int End => Offset + Length;

    public long Position { get; }

    public long PayloadPosition { get; }

    public int RecordSize { get; }

    public uint TableCrc { get; }

    /// <summary>No longer in the index. Guarded by the store's lock.</summary>
    public bool IsDead { get; set; }

    /// <summary>Reads a part; the caller holds a reference on the segment.</summary>
    /// <param name="device">The disk.</param>
    /// <param name="from">First byte in the record.</param>
    /// <param name="destination">Filled whole.</param>
    /// <returns>Whether the bytes are the ones that were put; when not, the destination is worthless.</returns>
    public bool TryRead(IPageDevice device, int from, Span<byte> destination)
    {
        if (AreVerified(from, destination.Length))
        {
            return device.Read(Segment.File, destination, PayloadPosition + from) == destination.Length;
        }

        while (!destination.IsEmpty)
        {
            int block = from / Block;
            int count = Math.Min(destination.Length, ((block + 1) * Block) - from);
            if (!TryReadInBlock(device, block, from, destination[..count]))
            {
                return false;
            }

            destination = destination[count..];
            from += count;
        }

        return true;
    }

    /// <summary>Checks the blocks of a part that have not been checked; the caller holds a reference on the segment.</summary>
    public bool TryVerify(IPageDevice device, int from, int length)
    {
        if (AreVerified(from, length))
        {
            return true;
        }

        for (int block = from / Block; block <= (from + length - 1) / Block; block++)
        {
            if (!IsVerified(block) && !TryVerifyBlock(device, block, 0, []))
            {
                return false;
            }
        }

        return true;
    }

    private bool TryReadInBlock(IPageDevice device, int block, int from, Span<byte> destination)
    {
        if (IsVerified(block))
        {
            return device.Read(Segment.File, destination, PayloadPosition + from) == destination.Length;
        }

        if (destination.Length == BlockLength(block))
        {
            return device.Read(Segment.File, destination, PayloadPosition + from) == destination.Length && Check(block, destination);
        }

        return TryVerifyBlock(device, block, from - (block * Block), destination);
    }

    /// <summary>Reads a whole block beside the caller's memory, checks it, and copies the part wanted.</summary>
    private bool TryVerifyBlock(IPageDevice device, int block, int from, Span<byte> destination)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Block);
        try
        {
            Span<byte> whole = buffer.AsSpan(0, BlockLength(block));
            if (device.Read(Segment.File, whole, PayloadPosition + ((long)block * Block)) != whole.Length || !Check(block, whole))
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

    private bool Check(int block, ReadOnlySpan<byte> bytes)
    {
        bool right = Crc32C.Compute(bytes) == (uint)Volatile.Read(ref _blocks[block]);
        if (right)
        {
            Volatile.Write(ref _blocks[block], _blocks[block] | Verified);
        }

        return right;
    }

    private bool AreVerified(int from, int length)
    {
        for (int block = from / Block; block <= (from + length - 1) / Block; block++)
        {
            if (!IsVerified(block))
            {
                return false;
            }
        }

        return true;
    }

    private bool IsVerified(int block) => (Volatile.Read(ref _blocks[block]) & Verified) != 0;

    private int BlockLength(int block) => Math.Min(Block, Length - (block * Block));
}
