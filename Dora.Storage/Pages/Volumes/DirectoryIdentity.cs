using System.Buffers.Binary;
using Dora.Storage.Pages.Records;

namespace Dora.Storage.Pages.Volumes;

/// <summary>
/// The content of a directory's lock file: a random number that is in the header of each of its segments too. A segment that was copied here from another
/// store is told by it. 24 bytes, little-endian:
/// <code>
///  0  8  magic "DORALOCK"
///  8  4  format version, 2
/// 12  4  CRC-32C of bytes 0 to 11 and 16 to 23
/// 16  8  id of the directory, not 0
/// </code>
/// </summary>
internal static class DirectoryIdentity
{
    public const int Size = 24;
    public const uint FormatVersion = 2;

    private static ReadOnlySpan<byte> Magic => "DORALOCK"u8;

    public static void Write(Span<byte> destination, ulong id)
    {
        Magic.CopyTo(destination);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[8..], FormatVersion);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], id);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[12..], Checksum(destination));
    }

    /// <summary>Reads an id; <see langword="null"/> when these bytes hold none: the file is new, of format 1, or damaged.</summary>
    public static ulong? TryRead(ReadOnlySpan<byte> source) =>
        source.Length >= Size
        && source[..8].SequenceEqual(Magic)
        && BinaryPrimitives.ReadUInt32LittleEndian(source[8..]) == FormatVersion
        && BinaryPrimitives.ReadUInt32LittleEndian(source[12..]) == Checksum(source)
        && BinaryPrimitives.ReadUInt64LittleEndian(source[16..]) is var id and not 0
            ? id
            : null;

    private static uint Checksum(ReadOnlySpan<byte> source)
    {
        Span<byte> covered = stackalloc byte[20];
        source[..12].CopyTo(covered);
        source[16..Size].CopyTo(covered[12..]);
        return Crc32C.Compute(covered);
    }
}
