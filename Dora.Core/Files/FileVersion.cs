using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Dora;

/// <summary>
/// A 64-bit tag of one content of a file. Pages of two versions never mix, and an open reader is pinned to one. Made from the store's
/// strongest tag: ETag or content hash, else, of a local file, its identity and time of change, else length and last-modified time. Zero means "no version known" and is never produced.
/// </summary>
/// <param name="Value">The tag; frozen on disk and on the wire.</param>
public readonly record struct FileVersion(ulong Value)
{
    /// <summary>No version known.</summary>
    public static FileVersion None => default;

    /// <summary>Whether this is <see cref="None"/>.</summary>
    public bool IsNone => Value == 0;

    /// <summary>The version for a store's ETag or content hash, taken as opaque text.</summary>
    public static FileVersion FromETag(string etag)
    {
        ArgumentException.ThrowIfNullOrEmpty(etag);
        return Hash(Encoding.UTF8.GetBytes("e" + etag));
    }

    /// <summary>
    /// The version for stores without a tag. A same-length rewrite within one tick of the store's clock is missed: the price of such a store.
    /// </summary>
    /// <param name="length">Length in bytes, 0 or more.</param>
    /// <param name="lastModified">Last-modified time, as exact as the store gives it.</param>
    public static FileVersion FromLengthAndTime(long length, DateTimeOffset lastModified)
    {
        Span<byte> bytes = stackalloc byte[17];
        bytes[0] = (byte)'t';
        BinaryPrimitives.WriteInt64LittleEndian(bytes[1..], length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[9..], lastModified.UtcTicks);
        return Hash(bytes);
    }

    /// <summary>The version of a file of this machine: which file it is, when anything of it changed last, and its length and last-modified time.</summary>
    /// <param name="device">The device's number.</param>
    /// <param name="inode">The file's number on it.</param>
    /// <param name="changed">Last change of content or attributes.</param>
    /// <param name="changedNanoseconds">The same within its second, in nanoseconds.</param>
    /// <param name="length">Length in bytes, 0 or more.</param>
    /// <param name="lastModified">Last-modified time.</param>
    internal static FileVersion FromLocalFile(
        ulong device, ulong inode, DateTimeOffset changed, uint changedNanoseconds, long length, DateTimeOffset lastModified)
    {
        Span<byte> bytes = stackalloc byte[45];
        bytes[0] = (byte)'i';
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[1..], device);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[9..], inode);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[17..], changed.UtcTicks);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[25..], changedNanoseconds);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[29..], length);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[37..], lastModified.UtcTicks);
        return Hash(bytes);
    }

    /// <summary>16 lower-case hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("x16", System.Globalization.CultureInfo.InvariantCulture);

    private static FileVersion Hash(ReadOnlySpan<byte> bytes)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes, hash);
        ulong value = BinaryPrimitives.ReadUInt64LittleEndian(hash);
        return new FileVersion(value == 0 ? 1 : value);
    }
}
