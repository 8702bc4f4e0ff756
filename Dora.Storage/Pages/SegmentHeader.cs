using System.Buffers.Binary;

namespace Dora.Storage.Pages;

/// <summary>What the start of a segment file says about it.</summary>
internal enum SegmentHeaderKind
{
    /// <summary>A segment of this format.</summary>
    Valid,

    /// <summary>Cut short or with a wrong checksum: a crash or a bad disk.</summary>
    Damaged,

    /// <summary>Another program's file.</summary>
    Foreign,

    /// <summary>A segment of a format from the future.</summary>
    Newer,
}

/// <summary>
/// The first 64 bytes of a segment file, little-endian. Bytes 0 to 15 keep their meaning in every format, so that any Dora can tell any segment's format.
/// <code>
///  0  8  magic "DORAPAGE"
///  8  4  format version, 1
/// 12  4  CRC-32C of bytes 0 to 11
/// 16  8  sequence number, as in the file's name
/// 24 36  zero
/// 60  4  CRC-32C of bytes 0 to 59
/// </code>
/// </summary>
internal static class SegmentHeader
{
    public const int Size = 64;
    public const uint FormatVersion = 1;

    private const int Common = 16;
    private static ReadOnlySpan<byte> Magic => "DORAPAGE"u8;

    public static void Write(Span<byte> destination, ulong sequence)
    {
        destination = destination[..Size];
        destination.Clear();
        Magic.CopyTo(destination);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], FormatVersion);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], Crc32C.Compute(destination[..12]));
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], sequence);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[60..], Crc32C.Compute(destination[..60]));
    }

    /// <summary>Judges the start of a file; <paramref name="source"/> is shorter than <see cref="Size"/> when the file is.</summary>
    public static SegmentHeaderKind Read(ReadOnlySpan<byte> source, ulong expectedSequence, out uint formatVersion)
    {
        formatVersion = 0;
        int magic = Math.Min(source.Length, Magic.Length);
        if (!source[..magic].SequenceEqual(Magic[..magic]))
        {
            // A file that our crash left has zeros here, or nothing.
            return source.ContainsAnyExcept((byte)0) ? SegmentHeaderKind.Foreign : SegmentHeaderKind.Damaged;
        }

        if (source.Length < Common || BinaryPrimitives.ReadUInt32LittleEndian(source[12..]) != Crc32C.Compute(source[..12]))
        {
            return SegmentHeaderKind.Damaged;
        }

        formatVersion = BinaryPrimitives.ReadUInt32LittleEndian(source[8..]);
        return formatVersion > FormatVersion ? SegmentHeaderKind.Newer
            : formatVersion == 0 ? SegmentHeaderKind.Foreign
            : source.Length >= Size
                && BinaryPrimitives.ReadUInt32LittleEndian(source[60..]) == Crc32C.Compute(source[..60])
                && BinaryPrimitives.ReadUInt64LittleEndian(source[16..]) == expectedSequence ? SegmentHeaderKind.Valid
            : SegmentHeaderKind.Damaged;
    }
}
