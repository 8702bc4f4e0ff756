using static System.Buffers.Binary.BinaryPrimitives;

namespace Dora.PageChannel.Codec;

/// <summary>
/// What a listing says beyond its fixed fields, of an entry or of the page. A field is its number (u8), its length (u16) and so many bytes; a reader passes over numbers that it does not know,
/// so that a later version may say more without another layout.
/// </summary>
internal static class ListField
{
    /// <summary>Which directory it is (u128); of an entry and of a page.</summary>
    public const byte DirectoryId = 1;

    /// <summary>What a page leaves out for one reason, see <see cref="ListPage"/>.</summary>
    public const byte Skipped = 2;

    private const int Head = 3;

    /// <summary>Writes a field.</summary>
    /// <returns>Bytes written; 0: it does not fit.</returns>
    public static int Write(Span<byte> destination, byte number, ReadOnlySpan<byte> value)
    {
        if (value.Length > ushort.MaxValue || destination.Length < Head + value.Length)
        {
            return 0;
        }

        destination[0] = number;
        WriteUInt16LittleEndian(destination[1..], (ushort)value.Length);
        value.CopyTo(destination[Head..]);
        return Head + value.Length;
    }

    /// <summary>Writes which directory it is.</summary>
    /// <returns>Bytes written; 0: it does not fit.</returns>
    public static int WriteDirectoryId(Span<byte> destination, UInt128 id)
    {
        Span<byte> value = stackalloc byte[16];
        WriteUInt128LittleEndian(value, id);
        return Write(destination, DirectoryId, value);
    }

    /// <summary>Takes the first field off what is left.</summary>
    /// <returns><see langword="false"/>: there is no whole one.</returns>
    public static bool TryRead(ref ReadOnlySpan<byte> source, out byte number, out ReadOnlySpan<byte> value)
    {
        number = 0;
        value = default;
        if (source.Length < Head || ReadUInt16LittleEndian(source[1..]) is var length && source.Length - Head < length)
        {
            return false;
        }

        number = source[0];
        value = source.Slice(Head, length);
        source = source[(Head + length)..];
        return true;
    }

    /// <summary>Reads which directory it is.</summary>
    public static bool TryReadDirectoryId(ReadOnlySpan<byte> value, out UInt128 id)
    {
        id = value.Length == 16 ? ReadUInt128LittleEndian(value) : default;
        return value.Length == 16;
    }
}
