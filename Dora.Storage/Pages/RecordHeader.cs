using System.Buffers.Binary;

namespace Dora.Storage.Pages;

/// <summary>What a record in a segment is. Frozen on disk.</summary>
internal enum RecordKind : byte
{
    /// <summary>Bytes of a page.</summary>
    Extent = 1,

    /// <summary>Was an extent, removed or found damaged; skipped.</summary>
    Dead = 2,
}

/// <summary>
/// The head of a record, little-endian: 64 bytes, then one CRC-32C for each 64 KiB block of the payload, zeros up to a multiple of 64, then the
/// payload, and zeros or nothing up to a multiple of 64. The header's checksum covers the table's, the table covers the payload: bytes and key
/// cannot come apart. The position ties a record to its place.
/// <code>
///  0  4  magic "DPGR"
///  4  2  format version, 1
///  6  1  kind (<see cref="RecordKind"/>)
///  7  1  zero
///  8 16  file id
/// 24  8  file version
/// 32  4  page index
/// 36  4  first byte in the page, a multiple of 64 KiB
/// 40  4  payload bytes, 1 to 16 MiB
/// 44  4  CRC-32C of the checksum table
/// 48  8  position of this record in its segment
/// 56  4  zero
/// 60  4  CRC-32C of bytes 0 to 59
/// </code>
/// </summary>
internal readonly record struct RecordHeader(RecordKind Kind, PageKey Page, int Offset, int Length, uint TableCrc, long Position)
{
    public const int Size = 64;
    public const int Alignment = 64;
    public const ushort FormatVersion = 1;

    /// <summary>Header and table of the largest record.</summary>
    public const int MaxHeadSize = Size + (PageGeometry.MaxPageSize / PageGeometry.ExtentGrid * sizeof(uint));

    private const uint Magic = 0x52475044;

    /// <summary>64 KiB blocks of the payload, the last one possibly short.</summary>
    public int Blocks => (Length + PageGeometry.ExtentGrid - 1) / PageGeometry.ExtentGrid;

    /// <summary>Bytes before the payload.</summary>
    public int HeadSize => Align(Size + (Blocks * sizeof(uint)));

    /// <summary>Bytes of the whole record.</summary>
    public int RecordSize => HeadSize + Align(Length);

    public static int Align(int size) => (size + Alignment - 1) & ~(Alignment - 1);

    public void Write(Span<byte> destination)
    {
        destination = destination[..Size];
        destination.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(destination, Magic);
        BinaryPrimitives.WriteUInt16LittleEndian(destination[4..], FormatVersion);
        destination[6] = (byte)Kind;
        Page.File.Write(destination[8..]);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], Page.Version.Value);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[32..], Page.Index);
        BinaryPrimitives.WriteInt32LittleEndian(destination[36..], Offset);
        BinaryPrimitives.WriteInt32LittleEndian(destination[40..], Length);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[44..], TableCrc);
        BinaryPrimitives.WriteInt64LittleEndian(destination[48..], Position);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[60..], Crc32C.Compute(destination[..60]));
    }

    /// <summary>Reads and checks a header; <see langword="false"/> for anything that this format would not have written at this position.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, long position, out RecordHeader header)
    {
        header = default;
        if (source.Length < Size
            || BinaryPrimitives.ReadUInt32LittleEndian(source) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(source[60..]) != Crc32C.Compute(source[..60])
            || BinaryPrimitives.ReadUInt16LittleEndian(source[4..]) != FormatVersion)
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
            BinaryPrimitives.ReadUInt32LittleEndian(source[44..]),
            BinaryPrimitives.ReadInt64LittleEndian(source[48..]));
        return header.Kind is RecordKind.Extent or RecordKind.Dead
            && header.Position == position
            && IsExtent(header.Offset, header.Length);
    }

    /// <summary>Whether a part of a page is one that can be stored.</summary>
    public static bool IsExtent(int offset, int length) =>
        offset >= 0 && offset % PageGeometry.ExtentGrid == 0 && length > 0 && length <= PageGeometry.MaxPageSize - offset;
}
