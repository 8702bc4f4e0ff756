using System.Buffers.Binary;

namespace Dora.Storage.Pages.Records;

/// <summary>What a record in a segment is. Frozen on disk.</summary>
internal enum RecordKind : byte
{
    /// <summary>Bytes of a page.</summary>
    Extent = 1,
}

/// <summary>
/// The head of a record, little-endian: 64 bytes, then one CRC-32C for each 64 KiB block of the payload, zeros for blocks it does not have. The head's
/// checksum starts from the segment's salt, which nobody outside the store knows: no bytes of a file can pass for a head, and no head for another
/// segment's. It covers the table, the table covers the payload: bytes and key cannot come apart. The position ties a record to its place.
/// The payload starts on the next 4 KiB, or at once where it ends inside the head's own.
/// <code>
///  0  4  magic "DPGR"
///  4  2  format version, 2
///  6  1  kind (<see cref="RecordKind"/>)
///  7  1  bit 0: pinned
///  8 16  file id
/// 24  8  file version
/// 32  4  page index
/// 36  4  first byte in the page, a multiple of 64 KiB
/// 40  4  payload bytes; offset and length stay inside 1 MiB
/// 44  4  Unix time in seconds when it was put
/// 48  8  position of this record in its segment, a multiple of 4 KiB
/// 56  2  tag of the mount
/// 58  2  zero
/// 60  4  CRC-32C of the segment's salt, bytes 0 to 59, bytes 64 to 127
/// 64 64  sixteen CRC-32C
/// </code>
/// </summary>
internal readonly record struct RecordHeader(
    RecordKind Kind, PageKey Page, int Offset, int Length, long Position, ushort Mount = 0, bool Pinned = false, uint StoredAt = 0)
{
    /// <summary>Bytes with meaning at the start of a record.</summary>
    public const int Size = Fields + TableSize;

    public const int TableSize = StorePage.Blocks * sizeof(uint);
    public const ushort FormatVersion = 2;

    private const int Fields = 64;
    private const uint Magic = 0x52475044;

    /// <summary>64 KiB blocks of the payload, the last one possibly short.</summary>
    public int Blocks => (Length + PageGeometry.ExtentGrid - 1) / PageGeometry.ExtentGrid;

    /// <summary>Bytes before the payload.</summary>
    public int PayloadOffset => PayloadOffsetOf(Length);

    /// <summary>Bytes of the whole record.</summary>
    public int RecordSize => SizeOf(Length);

    public static int PayloadOffsetOf(int length) => length <= RecordPlace.StepSize - Size ? Size : RecordPlace.StepSize;

    public static int SizeOf(int length) => (PayloadOffsetOf(length) + length + RecordPlace.StepSize - 1) & ~(RecordPlace.StepSize - 1);

    /// <summary>Whether a part of a page is one that can be stored.</summary>
    public static bool IsExtent(int offset, int length) =>
        offset >= 0 && offset % PageGeometry.ExtentGrid == 0 && length > 0 && length <= StorePage.Size - offset;

    /// <summary>Writes the head.</summary>
    /// <param name="destination">Receives <see cref="Size"/> bytes.</param>
    /// <param name="blockCrcs">One checksum for each block.</param>
    /// <param name="salt">The segment's.</param>
    public void Write(Span<byte> destination, ReadOnlySpan<uint> blockCrcs, ulong salt)
    {
        destination = destination[..Size];
        destination.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(destination, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[4..], FormatVersion);
        destination[6] = (byte)Kind;
        destination[7] = Pinned ? (byte)1 : (byte)0;
        Page.File.Write(destination[8..]);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], Page.Version.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[32..], Page.Index);
        BinaryPrimitives.WriteInt32LittleEndian(destination[36..], Offset);
        BinaryPrimitives.WriteInt32LittleEndian(destination[40..], Length);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[44..], StoredAt);
        BinaryPrimitives.WriteInt64LittleEndian(destination[48..], Position);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[56..], Mount);
        for (int i = 0; i < blockCrcs.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(destination[(Fields + (i * sizeof(uint)))..], blockCrcs[i]);
        }

        BinaryPrimitives.WriteUInt32LittleEndian(destination[60..], Checksum(destination, salt));
    }

    /// <summary>Reads and checks a head; <see langword="false"/> for anything that this format would not have written at this position of this segment.</summary>
    /// <param name="source">At least <see cref="Size"/> bytes.</param>
    /// <param name="position">Where they were read.</param>
    /// <param name="salt">The segment's.</param>
    /// <param name="header">The head.</param>
    /// <param name="blockCrcs">Receives <see cref="StorePage.Blocks"/> checksums, zeros behind the last block.</param>
    public static bool TryRead(ReadOnlySpan<byte> source, long position, ulong salt, out RecordHeader header, Span<uint> blockCrcs)
    {
        header = default;
        if (source.Length < Size
            || BinaryPrimitives.ReadUInt32LittleEndian(source) != Magic
            || BinaryPrimitives.ReadUInt16LittleEndian(source[4..]) != FormatVersion
            || BinaryPrimitives.ReadUInt32LittleEndian(source[60..]) != Checksum(source[..Size], salt))
        {
            return false;
        }

        header = new RecordHeader(
            (RecordKind)source[6],
            new PageKey(
                FileId.Read(source[8..]),
                new FileVersion(BinaryPrimitives.ReadUInt64LittleEndian(source[24..])),
                BinaryPrimitives.ReadUInt32LittleEndian(source[32..])),
            BinaryPrimitives.ReadInt32LittleEndian(source[36..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[40..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[48..]),
            BinaryPrimitives.ReadUInt16LittleEndian(source[56..]),
            (source[7] & 1) != 0,
            BinaryPrimitives.ReadUInt32LittleEndian(source[44..]));
        for (int i = 0; i < blockCrcs.Length; i++)
        {
            blockCrcs[i] = BinaryPrimitives.ReadUInt32LittleEndian(source[(Fields + (i * sizeof(uint)))..]);
        }

        return header.Kind == RecordKind.Extent && header.Position == position && IsExtent(header.Offset, header.Length);
    }

    private static uint Checksum(ReadOnlySpan<byte> head, ulong salt)
    {
        Span<byte> covered = stackalloc byte[sizeof(ulong) + Size - sizeof(uint)];
        BinaryPrimitives.WriteUInt64LittleEndian(covered, salt);
        head[..60].CopyTo(covered[sizeof(ulong)..]);
        head[Fields..].CopyTo(covered[(sizeof(ulong) + 60)..]);
        return Crc32C.Compute(covered);
    }
}
