using System.Buffers.Binary;
using Dora.Storage.Pages.Records;
using Dora.Storage.Pages.Volumes;

namespace Dora.Storage.Pages.Segments;

/// <summary>What the start of a segment file says about it.</summary>
internal enum SegmentHeaderKind
{
    /// <summary>A segment of this format and this directory.</summary>
    Valid,

    /// <summary>Cut short or with a wrong checksum: a crash or a bad disk.</summary>
    Damaged,

    /// <summary>Another program's file, or another store's segment.</summary>
    Foreign,

    /// <summary>A segment of format 1, whose records this Dora does not read.</summary>
    Older,

    /// <summary>A segment of a format from the future.</summary>
    Newer,
}

/// <summary>
/// The first 64 bytes of a segment file, little-endian; the numbers of <see cref="SameHost.SegmentEpochs"/> follow from byte 2048 on, records from byte 4096 on. Bytes 0 to 15 keep their meaning in every format, so that any
/// Dora can tell any segment's format.
/// <code>
///  0  8  magic "DORAPAGE"
///  8  4  format version, 2
/// 12  4  CRC-32C of bytes 0 to 11
/// 16  8  sequence number, as in the file's name
/// 24  8  id of the directory (<see cref="DirectoryIdentity"/>)
/// 32  8  salt: random, mixed into every record's checksum
/// 40 20  zero
/// 60  4  CRC-32C of bytes 0 to 59
/// </code>
/// </summary>
internal readonly record struct SegmentHeader(ulong Sequence, ulong DirectoryId, ulong Salt)
{
    public const int Size = 64;
    public const uint FormatVersion = 2;

    /// <summary>Position of the first record.</summary>
    public const int Reserved = RecordPlace.StepSize;

    private const int Common = 16;
    private static ReadOnlySpan<byte> Magic => "DORAPAGE"u8;

    public void Write(Span<byte> destination)
    {
        destination = destination[..Size];
        destination.Clear();
        Magic.CopyTo(destination);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], FormatVersion);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], Crc32C.Compute(destination[..12]));
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], Sequence);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[24..], DirectoryId);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[32..], Salt);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[60..], Crc32C.Compute(destination[..60]));
    }

    /// <summary>Judges the start of a file; <paramref name="source"/> is shorter than <see cref="Size"/> when the file is. The caller compares the directory's id.</summary>
    public static SegmentHeaderKind Read(ReadOnlySpan<byte> source, ulong expectedSequence, out SegmentHeader header, out uint formatVersion)
    {
        (header, formatVersion) = (default, 0);
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
        return formatVersion switch
        {
            > FormatVersion => SegmentHeaderKind.Newer,
            1 => SegmentHeaderKind.Older,
            0 => SegmentHeaderKind.Foreign,
            _ => ReadFields(source, expectedSequence, out header),
        };
    }

    private static SegmentHeaderKind ReadFields(ReadOnlySpan<byte> source, ulong expectedSequence, out SegmentHeader header)
    {
        header = default;
        if (source.Length < Size || BinaryPrimitives.ReadUInt32LittleEndian(source[60..]) != Crc32C.Compute(source[..60]))
        {
            return SegmentHeaderKind.Damaged;
        }

        header = new SegmentHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(source[16..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[24..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[32..]));
        return header.Sequence == expectedSequence ? SegmentHeaderKind.Valid : SegmentHeaderKind.Damaged;
    }
}
