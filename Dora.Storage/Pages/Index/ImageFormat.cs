using System.Buffers.Binary;
using Dora.Storage.Pages.Records;

namespace Dora.Storage.Pages.Index;

/// <summary>
/// An index image on disk, little-endian. Bytes 0 to 15 keep their meaning in every format.
/// <code>
/// header
///  0  8  magic "DORAPIDX"
///  8  4  format version, 1
/// 12  4  CRC-32C of bytes 0 to 11
/// 16  8  store id
/// 24  8  generation
/// 32  4  shards, 128
/// 36  4  segments
/// 40 20  zero
/// 60  4  CRC-32C of bytes 0 to 59
/// segments, 32 bytes each, then a CRC-32C over them
///  0  2  slot
///  2  6  zero
///  8  8  sequence
/// 16  8  salt
/// 24  8  covered to
/// shards, each a run of blocks of at most 64 KiB of rows: first the files', then the records'
///  0  4  CRC-32C of the block's bytes from 4 on
///  4  4  bytes of rows in this block
///  8  8  generation
/// 16  4  shard
/// 20  4  number of the block in its shard
/// shard table, 32 bytes for each shard
///  0  8  position of its first block
///  8  8  bytes of its blocks, heads included
/// 16  4  files
/// 20  4  records
/// 24  4  pages
/// 28  4  zero
/// footer
///  0  8  generation
///  8  4  zero
/// 12  4  CRC-32C of the shard table and bytes 0 to 11
/// </code>
/// </summary>
internal static class ImageFormat
{
    public const uint Version = 1;
    public const int HeaderSize = 64;
    public const int SegmentSize = 32;
    public const int BlockHeadSize = 24;
    public const int BlockSize = 64 * 1024;
    public const int ShardEntrySize = 32;
    public const int FooterSize = 16;

    /// <summary>Shard table and footer.</summary>
    public const int TailSize = (ShardHash.Shards * ShardEntrySize) + FooterSize;

    private static ReadOnlySpan<byte> Magic => "DORAPIDX"u8;

    /// <summary>Bytes of an image's start: header, segments and their checksum.</summary>
    public static long StartSize(int segments) => HeaderSize + ((long)segments * SegmentSize) + sizeof(uint);

    /// <summary>Bytes on disk of so many bytes of rows.</summary>
    public static long FramedSize(long rows) => rows + ((rows + BlockSize - 1) / BlockSize * BlockHeadSize);

    public static byte[] WriteStart(IndexManifest manifest)
    {
        byte[] bytes = new byte[StartSize(manifest.Segments.Count)];
        Magic.CopyTo(bytes);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(8), Version);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(12), Crc32C.Compute(bytes.AsSpan(0, 12)));
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(16), manifest.StoreId);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes.AsSpan(24), manifest.Generation);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(32), ShardHash.Shards);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(36), manifest.Segments.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(60), Crc32C.Compute(bytes.AsSpan(0, 60)));
        Span<byte> rest = bytes.AsSpan(HeaderSize);
        foreach (ManifestSegment segment in manifest.Segments)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(rest, segment.Slot);
            BinaryPrimitives.WriteUInt64LittleEndian(rest[8..], segment.Sequence);
            BinaryPrimitives.WriteUInt64LittleEndian(rest[16..], segment.Salt);
            BinaryPrimitives.WriteInt64LittleEndian(rest[24..], segment.CoveredTo);
            rest = rest[SegmentSize..];
        }

        BinaryPrimitives.WriteUInt32LittleEndian(rest, Crc32C.Compute(bytes.AsSpan(HeaderSize, bytes.Length - HeaderSize - sizeof(uint))));
        return bytes;
    }

    /// <summary>Judges a header; gives its number of segments.</summary>
    public static bool TryReadHeader(ReadOnlySpan<byte> header, out ulong storeId, out ulong generation, out int segments)
    {
        storeId = BinaryPrimitives.ReadUInt64LittleEndian(header[16..]);
        generation = BinaryPrimitives.ReadUInt64LittleEndian(header[24..]);
        segments = BinaryPrimitives.ReadInt32LittleEndian(header[36..]);
        return header[..8].SequenceEqual(Magic)
            && BinaryPrimitives.ReadUInt32LittleEndian(header[8..]) == Version
            && BinaryPrimitives.ReadUInt32LittleEndian(header[60..]) == Crc32C.Compute(header[..60])
            && BinaryPrimitives.ReadInt32LittleEndian(header[32..]) == ShardHash.Shards
            && segments is >= 0 and <= ushort.MaxValue + 1;
    }

    /// <summary>Reads the segments behind a header.</summary>
    public static bool TryReadSegments(ReadOnlySpan<byte> bytes, out ManifestSegment[] segments)
    {
        segments = new ManifestSegment[bytes.Length / SegmentSize];
        for (int i = 0; i < segments.Length; i++)
        {
            ReadOnlySpan<byte> one = bytes.Slice(i * SegmentSize, SegmentSize);
            segments[i] = new ManifestSegment(
                BinaryPrimitives.ReadUInt16LittleEndian(one),
                BinaryPrimitives.ReadUInt64LittleEndian(one[8..]),
                BinaryPrimitives.ReadUInt64LittleEndian(one[16..]),
                BinaryPrimitives.ReadInt64LittleEndian(one[24..]));
        }

        int end = segments.Length * SegmentSize;
        return BinaryPrimitives.ReadUInt32LittleEndian(bytes[end..]) == Crc32C.Compute(bytes[..end]);
    }

    public static byte[] WriteTail(ulong generation, ReadOnlySpan<ImageShard> shards)
    {
        byte[] bytes = new byte[TailSize];
        Span<byte> rest = bytes;
        foreach (ImageShard shard in shards)
        {
            BinaryPrimitives.WriteInt64LittleEndian(rest, shard.Position);
            BinaryPrimitives.WriteInt64LittleEndian(rest[8..], shard.Length);
            BinaryPrimitives.WriteInt32LittleEndian(rest[16..], shard.Files);
            BinaryPrimitives.WriteInt32LittleEndian(rest[20..], shard.Records);
            BinaryPrimitives.WriteInt32LittleEndian(rest[24..], shard.Pages);
            rest = rest[ShardEntrySize..];
        }

        BinaryPrimitives.WriteUInt64LittleEndian(rest, generation);
        BinaryPrimitives.WriteUInt32LittleEndian(rest[12..], Crc32C.Compute(bytes.AsSpan(0, TailSize - sizeof(uint))));
        return bytes;
    }

    /// <summary>Reads shard table and footer; <see langword="false"/> when they are not those of this generation.</summary>
    public static bool TryReadTail(ReadOnlySpan<byte> tail, ulong generation, Span<ImageShard> shards)
    {
        for (int i = 0; i < shards.Length; i++)
        {
            ReadOnlySpan<byte> one = tail.Slice(i * ShardEntrySize, ShardEntrySize);
            shards[i] = new ImageShard(
                BinaryPrimitives.ReadInt64LittleEndian(one),
                BinaryPrimitives.ReadInt64LittleEndian(one[8..]),
                BinaryPrimitives.ReadInt32LittleEndian(one[16..]),
                BinaryPrimitives.ReadInt32LittleEndian(one[20..]),
                BinaryPrimitives.ReadInt32LittleEndian(one[24..]));
        }

        return BinaryPrimitives.ReadUInt64LittleEndian(tail[(TailSize - FooterSize)..]) == generation
            && BinaryPrimitives.ReadUInt32LittleEndian(tail[(TailSize - sizeof(uint))..]) == Crc32C.Compute(tail[..(TailSize - sizeof(uint))]);
    }

    /// <summary>Writes a block's head in front of its rows.</summary>
    public static void WriteBlockHead(Span<byte> block, ulong generation, int shard, int number)
    {
        BinaryPrimitives.WriteInt32LittleEndian(block[4..], block.Length - BlockHeadSize);
        BinaryPrimitives.WriteUInt64LittleEndian(block[8..], generation);
        BinaryPrimitives.WriteInt32LittleEndian(block[16..], shard);
        BinaryPrimitives.WriteInt32LittleEndian(block[20..], number);
        BinaryPrimitives.WriteUInt32LittleEndian(block, Crc32C.Compute(block[4..]));
    }

    /// <summary>Whether a block is the one that belongs here, whole.</summary>
    public static bool IsBlock(ReadOnlySpan<byte> block, ulong generation, int shard, int number) =>
        BinaryPrimitives.ReadUInt32LittleEndian(block) == Crc32C.Compute(block[4..])
        && BinaryPrimitives.ReadInt32LittleEndian(block[4..]) == block.Length - BlockHeadSize
        && BinaryPrimitives.ReadUInt64LittleEndian(block[8..]) == generation
        && BinaryPrimitives.ReadInt32LittleEndian(block[16..]) == shard
        && BinaryPrimitives.ReadInt32LittleEndian(block[20..]) == number;
}

/// <summary>A shard in an image.</summary>
/// <param name="Position">Position of its first block.</param>
/// <param name="Length">Bytes of its blocks, heads included.</param>
/// <param name="Files">Rows of files.</param>
/// <param name="Records">Rows of records.</param>
/// <param name="Pages">Pages its records are of.</param>
internal readonly record struct ImageShard(long Position, long Length, int Files, int Records, int Pages)
{
    /// <summary>Bytes of its rows.</summary>
    public long RowBytes => ((long)Files * ShardRows.FileSize) + ((long)Records * ShardRows.RecordSize);
}
