using System.Buffers.Binary;
using System.Text;

namespace Dora.Storage.Metadata;

/// <summary>
/// The stored form of <see cref="FileMetadata"/>, little-endian, frozen by a golden test:
/// <code>
///  0  u8   format (1)
///  1  u8   kind; 0 is a negative entry
///  2  u16  path length in bytes
///  4  i64  loaded at, UTC ticks (100 ns since year 1) of the wall clock
/// 12  i64  last modified, UTC ticks
/// 20  i64  length
/// 28  u64  version
/// 36  path, UTF-8
///  …  fields of later writers, which this reader skips
/// </code>
/// A later writer appends fields and keeps format 1; it changes the format only when an old reader would misread it.
/// </summary>
internal static class MetadataRecord
{
    public const byte Format = 1;
    public const int HeaderSize = 36;
    public const int MaxPathBytes = ushort.MaxValue;

    /// <summary>Bytes of the encoding; -1 when the path is longer than <see cref="MaxPathBytes"/>.</summary>
    public static int SizeOf(FileMetadata metadata)
    {
        int path = Encoding.UTF8.GetByteCount(metadata.UfsPath);
        return path <= MaxPathBytes ? HeaderSize + path : -1;
    }

    /// <summary>Encodes into exactly <see cref="SizeOf"/> bytes.</summary>
    public static void Write(FileMetadata metadata, Span<byte> destination)
    {
        destination[0] = Format;
        destination[1] = (byte)metadata.Kind;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[2..], (ushort)(destination.Length - HeaderSize));
        BinaryPrimitives.WriteInt64LittleEndian(destination[4..], metadata.LoadedAt.UtcTicks);
        BinaryPrimitives.WriteInt64LittleEndian(destination[12..], metadata.LastModified.UtcTicks);
        BinaryPrimitives.WriteInt64LittleEndian(destination[20..], metadata.Length);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[28..], metadata.Version.Value);
        Encoding.UTF8.GetBytes(metadata.UfsPath, destination[HeaderSize..]);
    }

    /// <summary>What the bytes say, or <see langword="null"/> when they are damaged or of another format: then nothing is remembered.</summary>
    public static FileMetadata? Read(ReadOnlySpan<byte> source)
    {
        if (!TryReadStamp(source, out FileKind kind, out DateTimeOffset loadedAt))
        {
            return null;
        }

        long modified = BinaryPrimitives.ReadInt64LittleEndian(source[12..]);
        long length = BinaryPrimitives.ReadInt64LittleEndian(source[20..]);
        if (!IsTime(modified) || length < 0)
        {
            return null;
        }

        return new FileMetadata(
            Encoding.UTF8.GetString(Path(source)), kind, length, new DateTimeOffset(modified, TimeSpan.Zero),
            new FileVersion(BinaryPrimitives.ReadUInt64LittleEndian(source[28..])), loadedAt);
    }

    /// <summary>Reads what age depends on, with no allocation, for sweeps.</summary>
    public static bool TryReadStamp(ReadOnlySpan<byte> source, out FileKind kind, out DateTimeOffset loadedAt)
    {
        kind = default;
        loadedAt = default;
        if (source.Length < HeaderSize || source[0] != Format || source[1] > (byte)FileKind.Directory)
        {
            return false;
        }

        long loaded = BinaryPrimitives.ReadInt64LittleEndian(source[4..]);
        if (!IsTime(loaded) || source.Length < HeaderSize + BinaryPrimitives.ReadUInt16LittleEndian(source[2..]))
        {
            return false;
        }

        kind = (FileKind)source[1];
        loadedAt = new DateTimeOffset(loaded, TimeSpan.Zero);
        return true;
    }

    /// <summary>The path bytes of a record that <see cref="TryReadStamp"/> accepted.</summary>
    public static ReadOnlySpan<byte> Path(ReadOnlySpan<byte> source) => source.Slice(HeaderSize, BinaryPrimitives.ReadUInt16LittleEndian(source[2..]));

    private static bool IsTime(long ticks) => ticks >= 0 && ticks <= DateTime.MaxValue.Ticks;
}
