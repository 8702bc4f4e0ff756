using System.Text;
using System.Text.Unicode;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Dora.PageChannel.Codec;

/// <summary>
/// One entry of a <see cref="ListPage"/>, little-endian.
/// <code>
///  0  u16  n1: bytes of name, 1..4096
///  2  u16  n2: bytes of UFS path; 0: the directory's, a slash and the name
///  4  u16  n3: bytes of fields, see <see cref="ListField"/>
///  6  u8   kind
///  7  u8   1 a symbolic link; other bits are kept for later
///  8  u64  file version
/// 16  i64  length in bytes
/// 24  i64  last modified, UTC ticks
/// 32  n1   name, UTF-8
///     n2   UFS path, UTF-8
///     n3   fields: 1 which directory it is
/// </code>
/// </summary>
/// <param name="Name">The name in the directory.</param>
/// <param name="UfsPath">The full path in the store; <see langword="null"/>: the directory's, a slash and the name.</param>
/// <param name="Kind">File or directory.</param>
/// <param name="Length">Length in bytes, 0 or more.</param>
/// <param name="LastModified">The store's last-modified time in UTC.</param>
/// <param name="Version">The content's tag.</param>
/// <param name="IsLink">Whether the name is a symbolic link; the rest tells what it leads to.</param>
/// <param name="DirectoryId">Which directory it is, whatever its path; 0: a file, or not known.</param>
internal readonly record struct ListedEntry(
    string Name, string? UfsPath, FileKind Kind, long Length, DateTimeOffset LastModified, FileVersion Version, bool IsLink = false, UInt128 DirectoryId = default)
{
    private const int FixedSize = 32;
    private const byte Link = 1;

    /// <summary>Writes the entry.</summary>
    /// <param name="destination">What is left of the body.</param>
    /// <returns>Bytes written; 0: it does not fit.</returns>
    public int Write(Span<byte> destination)
    {
        int at = FixedSize;
        if (destination.Length < at || !Encoding.UTF8.TryGetBytes(Name, destination[at..], out int name) || name > PageChannelProtocol.MaxPathBytes)
        {
            return 0;
        }

        at += name;
        if (!Encoding.UTF8.TryGetBytes(UfsPath, destination[at..], out int ufs) || ufs > ushort.MaxValue)
        {
            return 0;
        }

        at += ufs;
        int fields = DirectoryId == UInt128.Zero ? 0 : ListField.WriteDirectoryId(destination[at..], DirectoryId);
        if (fields == 0 && DirectoryId != UInt128.Zero)
        {
            return 0;
        }

        WriteUInt16LittleEndian(destination, (ushort)name);
        WriteUInt16LittleEndian(destination[2..], (ushort)ufs);
        WriteUInt16LittleEndian(destination[4..], (ushort)fields);
        (destination[6], destination[7]) = ((byte)Kind, IsLink ? Link : (byte)0);
        WriteUInt64LittleEndian(destination[8..], Version.Value);
        WriteInt64LittleEndian(destination[16..], Length);
        WriteInt64LittleEndian(destination[24..], LastModified.UtcTicks);
        return at + fields;
    }

    /// <summary>Takes the first entry off what is left of a body.</summary>
    /// <param name="source">What is left; afterwards without the entry.</param>
    /// <param name="entry">The entry.</param>
    /// <returns><see langword="false"/>: the bytes are no entry.</returns>
    public static bool TryRead(ref ReadOnlySpan<byte> source, out ListedEntry entry)
    {
        entry = default;
        if (source.Length < FixedSize)
        {
            return false;
        }

        int name = ReadUInt16LittleEndian(source), ufs = ReadUInt16LittleEndian(source[2..]), length = ReadUInt16LittleEndian(source[4..]);
        byte kind = source[6];
        long size = ReadInt64LittleEndian(source[16..]), modified = ReadInt64LittleEndian(source[24..]);
        ReadOnlySpan<byte> texts = source[FixedSize..];
        if (name is 0 or > PageChannelProtocol.MaxPathBytes || texts.Length < name + ufs + length || kind > (byte)FileKind.Directory || size < 0
            || (ulong)modified > (ulong)DateTime.MaxValue.Ticks || !Utf8.IsValid(texts[..name]) || !Utf8.IsValid(texts.Slice(name, ufs))
            || !TryReadFields(texts.Slice(name + ufs, length), out UInt128 directory))
        {
            return false;
        }

        entry = new ListedEntry(
            Encoding.UTF8.GetString(texts[..name]),
            ufs == 0 ? null : Encoding.UTF8.GetString(texts.Slice(name, ufs)),
            (FileKind)kind,
            size,
            new DateTimeOffset(modified, TimeSpan.Zero),
            new FileVersion(ReadUInt64LittleEndian(source[8..])),
            (source[7] & Link) != 0,
            directory);
        source = texts[(name + ufs + length)..];
        return true;
    }

    private static bool TryReadFields(ReadOnlySpan<byte> fields, out UInt128 directory)
    {
        directory = default;
        while (!fields.IsEmpty)
        {
            if (!ListField.TryRead(ref fields, out byte number, out ReadOnlySpan<byte> value)
                || (number == ListField.DirectoryId && !ListField.TryReadDirectoryId(value, out directory)))
            {
                return false;
            }
        }

        return true;
    }
}
