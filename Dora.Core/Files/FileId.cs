using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Dora;

/// <summary>
/// The first 128 bits of SHA-256 of the full UFS path in UTF-8. It is the ring key, the metadata key and the page-store key. The bytes are
/// kept in hash order; <see cref="High"/> and <see cref="Low"/> are their big-endian halves, so that ids sort as their bytes do.
/// </summary>
/// <param name="High">Bytes 0 to 7.</param>
/// <param name="Low">Bytes 8 to 15.</param>
public readonly record struct FileId(ulong High, ulong Low) : IComparable<FileId>
{
    /// <summary>Size in bytes on disk and on the wire.</summary>
    public const int Size = 16;

    /// <summary>The id of a file by its full UFS path, for example <c>file:///data/a.bin</c>.</summary>
    public static FileId FromUfsPath(string ufsPath)
    {
        ArgumentNullException.ThrowIfNull(ufsPath);
        int max = Encoding.UTF8.GetMaxByteCount(ufsPath.Length);
        Span<byte> utf8 = max <= 1024 ? stackalloc byte[1024] : new byte[max];
        int length = Encoding.UTF8.GetBytes(ufsPath, utf8);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(utf8[..length], hash);
        return Read(hash);
    }

    /// <summary>Reads an id from the first <see cref="Size"/> bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than <see cref="Size"/> bytes.</exception>
    public static FileId Read(ReadOnlySpan<byte> source) =>
        new(BinaryPrimitives.ReadUInt64BigEndian(source), BinaryPrimitives.ReadUInt64BigEndian(source[8..]));

    /// <summary>Writes the id to the first <see cref="Size"/> bytes.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than <see cref="Size"/> bytes.</exception>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, High);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], Low);
    }

    /// <summary>Orders ids as their bytes.</summary>
    public int CompareTo(FileId other) => High != other.High ? High.CompareTo(other.High) : Low.CompareTo(other.Low);

    /// <summary>32 lower-case hexadecimal digits.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{High:x16}{Low:x16}");
}
