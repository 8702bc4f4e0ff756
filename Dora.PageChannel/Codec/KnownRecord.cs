using System.Text;
using System.Text.Unicode;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Dora.PageChannel.Codec;

/// <summary>
/// One file in the body of an Ok <see cref="PageChannelOpcode.KnownReply"/>, little-endian. The body is a head, the file id to go on from (16 bytes in hash order; 0: that is all), and then records.
/// An age and not a time, because the clocks of two workers differ.
/// <code>
///  0  u64  file version
///  8  i64  length in bytes
/// 16  i64  last modified, UTC ticks of 100 ns since 0001-01-01
/// 24  i64  age: ticks of 100 ns since the store was asked
/// 32  u8   kind
/// 33  u8   0
/// 34  u16  n: bytes of path, 1..65535
/// 36  n    UFS path, UTF-8
/// </code>
/// </summary>
internal static class KnownRecord
{
    /// <summary>Bytes of the body before the records.</summary>
    public const int ReplyHead = FileId.Size;

    /// <summary>The most bytes of a body.</summary>
    public const int MaxReply = 64 * 1024;

    private const int FixedSize = 36;

    /// <summary>The bytes of a body with one record.</summary>
    /// <param name="pathBytes">Bytes of its path.</param>
    public static int ReplySize(int pathBytes) => ReplyHead + FixedSize + pathBytes;

    /// <summary>Writes a record.</summary>
    /// <param name="destination">What is left of the body.</param>
    /// <param name="file">The file.</param>
    /// <param name="age">Since the store was asked, not negative.</param>
    /// <returns>Bytes written; 0: it does not fit.</returns>
    public static int Write(Span<byte> destination, FileMetadata file, TimeSpan age)
    {
        if (destination.Length <= FixedSize || !Encoding.UTF8.TryGetBytes(file.UfsPath, destination[FixedSize..], out int path) || path > ushort.MaxValue)
        {
            return 0;
        }

        WriteUInt64LittleEndian(destination, file.Version.Value);
        WriteInt64LittleEndian(destination[8..], file.Length);
        WriteInt64LittleEndian(destination[16..], file.LastModified.UtcTicks);
        WriteInt64LittleEndian(destination[24..], Math.Max(0, age.Ticks));
        WriteUInt16LittleEndian(destination[32..], (ushort)file.Kind);
        WriteUInt16LittleEndian(destination[34..], (ushort)path);
        return FixedSize + path;
    }

    /// <summary>Reads the record at the start of what is left of a body.</summary>
    /// <param name="source">What is left; afterwards without the record.</param>
    /// <param name="askedAt">When the question left, by the reader's clock: what a worker has known for an age then or later was loaded an age before that, at the latest.</param>
    /// <param name="file">The file.</param>
    /// <returns><see langword="false"/>: the bytes are no record.</returns>
    public static bool TryRead(ref ReadOnlySpan<byte> source, DateTimeOffset askedAt, out FileMetadata? file)
    {
        file = null;
        if (source.Length <= FixedSize)
        {
            return false;
        }

        long length = ReadInt64LittleEndian(source[8..]), modified = ReadInt64LittleEndian(source[16..]), age = ReadInt64LittleEndian(source[24..]);
        ushort kind = ReadUInt16LittleEndian(source[32..]);
        int path = ReadUInt16LittleEndian(source[34..]);
        if (length < 0 || (ulong)modified > (ulong)DateTime.MaxValue.Ticks || age < 0 || age >= askedAt.UtcTicks || kind > (ushort)FileKind.Directory
            || path == 0 || source.Length - FixedSize < path || !Utf8.IsValid(source.Slice(FixedSize, path)))
        {
            return false;
        }

        file = new FileMetadata(
            Encoding.UTF8.GetString(source.Slice(FixedSize, path)),
            (FileKind)kind,
            length,
            new DateTimeOffset(modified, TimeSpan.Zero),
            new FileVersion(ReadUInt64LittleEndian(source)),
            new DateTimeOffset(askedAt.UtcTicks - age, TimeSpan.Zero));
        source = source[(FixedSize + path)..];
        return true;
    }
}
