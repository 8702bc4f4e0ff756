using System.Buffers.Binary;
using System.Text;

namespace Dora.Storage.Metadata;

/// <summary>
/// The stored form of <see cref="FileMetadata"/>, little-endian, frozen by a golden test:
/// <code>
///  0  u8   format (2)
///  1  u8   bits 0-1: kind, 0 is a negative entry; bits 2-7: flags of later writers, written as 0 and ignored
///  2  i64  loaded at, UTC ticks (100 ns since year 1) of the wall clock
/// 10  i64  last modified, UTC ticks
/// 18  u64  version
/// 26  var  length: 7 bits a byte, low bits first, the high bit says that more follow
///  …  var  path length in bytes
///  …  path, UTF-8
///  …  fields of later writers, which this reader skips
/// </code>
/// A later writer appends fields and keeps format 2; it changes the format only when an old reader would misread it.
/// </summary>
internal static class MetadataRecord
{
    public const byte Format = 2;
    public const int MaxPathBytes = ushort.MaxValue;
    private const int FixedSize = 26;
    private const byte KindMask = 3;

    /// <summary>Bytes of the encoding; -1 when the path is longer than <see cref="MaxPathBytes"/>.</summary>
    public static int SizeOf(FileMetadata metadata)
    {
        int path = Encoding.UTF8.GetByteCount(metadata.UfsPath);
        return path <= MaxPathBytes ? FixedSize + SizeOf((ulong)metadata.Length) + SizeOf((ulong)path) + path : -1;
    }

    /// <summary>Encodes into exactly <see cref="SizeOf(FileMetadata)"/> bytes.</summary>
    /// <returns>The path's bytes, at the end of the destination.</returns>
    public static ReadOnlySpan<byte> Write(FileMetadata metadata, Span<byte> destination)
    {
        destination[0] = Format;
        destination[1] = (byte)metadata.Kind;
        BinaryPrimitives.WriteInt64LittleEndian(destination[2..], metadata.LoadedAt.UtcTicks);
        BinaryPrimitives.WriteInt64LittleEndian(destination[10..], metadata.LastModified.UtcTicks);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[18..], metadata.Version.Value);
        int position = FixedSize;
        position += WriteVar((ulong)metadata.Length, destination[position..]);
        position += WriteVar((ulong)Encoding.UTF8.GetByteCount(metadata.UfsPath), destination[position..]);
        Encoding.UTF8.GetBytes(metadata.UfsPath, destination[position..]);
        return destination[position..];
    }

    /// <summary>What the bytes say, or <see langword="null"/> when they are damaged, of another format, or of another file: then nothing is remembered.</summary>
    /// <param name="file">Whose record it should be.</param>
    /// <param name="source">The bytes.</param>
    public static FileMetadata? Read(FileId file, ReadOnlySpan<byte> source)
    {
        // The check of the path against the id would cost a SHA-256 a read; RocksDB's checksum covers the key and the value together.
        if (!TryReadStamp(source, out FileKind kind, out DateTimeOffset loadedAt) || !TryReadPath(source, out long length, out ReadOnlySpan<byte> path))
        {
            return null;
        }

        long modified = BinaryPrimitives.ReadInt64LittleEndian(source[10..]);
        return !IsTime(modified)
            ? null
            : FileMetadata.Restore(
                file, Encoding.UTF8.GetString(path), kind, length, new DateTimeOffset(modified, TimeSpan.Zero),
                new FileVersion(BinaryPrimitives.ReadUInt64LittleEndian(source[18..])), loadedAt);
    }

    /// <summary>The same without the path, with no allocation.</summary>
    public static bool TryRead(FileId file, ReadOnlySpan<byte> source, out StoredMetadata record)
    {
        record = default;
        if (!TryReadStamp(source, out FileKind kind, out DateTimeOffset loadedAt) || !TryReadPath(source, out long length, out _))
        {
            return false;
        }

        long modified = BinaryPrimitives.ReadInt64LittleEndian(source[10..]);
        if (!IsTime(modified))
        {
            return false;
        }

        var version = new FileVersion(BinaryPrimitives.ReadUInt64LittleEndian(source[18..]));
        record = new StoredMetadata(file, kind, length, new DateTimeOffset(modified, TimeSpan.Zero), version, loadedAt);
        return true;
    }

    /// <summary>Reads what age depends on, with no allocation, for sweeps.</summary>
    public static bool TryReadStamp(ReadOnlySpan<byte> source, out FileKind kind, out DateTimeOffset loadedAt)
    {
        kind = default;
        loadedAt = default;
        if (source.Length < FixedSize + 2 || source[0] != Format || (source[1] & KindMask) > (byte)FileKind.Directory)
        {
            return false;
        }

        long loaded = BinaryPrimitives.ReadInt64LittleEndian(source[2..]);
        if (!IsTime(loaded))
        {
            return false;
        }

        kind = (FileKind)(source[1] & KindMask);
        loadedAt = new DateTimeOffset(loaded, TimeSpan.Zero);
        return true;
    }

    /// <summary>The path bytes of a record that <see cref="TryReadStamp"/> accepted.</summary>
    public static bool TryReadPath(ReadOnlySpan<byte> source, out ReadOnlySpan<byte> path) => TryReadPath(source, out _, out path);

    private static bool TryReadPath(ReadOnlySpan<byte> source, out long length, out ReadOnlySpan<byte> path)
    {
        int position = FixedSize;
        path = default;
        if (!TryReadVar(source, ref position, out ulong bytes) | !TryReadVar(source, ref position, out ulong pathLength))
        {
            length = 0;
            return false;
        }

        length = (long)bytes;
        if (length < 0 || pathLength > MaxPathBytes || (ulong)(source.Length - position) < pathLength)
        {
            return false;
        }

        path = source.Slice(position, (int)pathLength);
        return true;
    }

    private static int SizeOf(ulong value)
    {
        int size = 1;
        for (; value >= 0x80; value >>= 7)
        {
            size++;
        }

        return size;
    }

    private static int WriteVar(ulong value, Span<byte> destination)
    {
        int size = 0;
        for (; value >= 0x80; value >>= 7)
        {
            destination[size++] = (byte)(value | 0x80);
        }

        destination[size++] = (byte)value;
        return size;
    }

    private static bool TryReadVar(ReadOnlySpan<byte> source, ref int position, out ulong value)
    {
        value = 0;
        for (int shift = 0; shift < 64 && position < source.Length; shift += 7)
        {
            byte part = source[position++];
            value |= (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsTime(long ticks) => ticks >= 0 && ticks <= DateTime.MaxValue.Ticks;
}
