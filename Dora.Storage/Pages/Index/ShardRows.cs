using System.Buffers;
using System.Buffers.Binary;
using Dora.Storage.Pages.Records;

namespace Dora.Storage.Pages.Index;

/// <summary>
/// A shard as rows, little-endian: what an image holds of it. Rows, not the arrays of the memory: they are a fifth smaller, do not freeze the layout in
/// memory, and cannot bring back a broken chain.
/// <code>
/// file
///  0 16  id
/// 16  8  version
/// 24  2  mount
/// 26  1  1 when pinned
/// 27  1  zero
/// record
///  0  4  row of its file
///  4  4  page
///  8  8  place, as in <see cref="RecordEntry"/>, time zero
/// 16  4  time of the put, Unix seconds
/// 20  1  eviction policy's byte
/// </code>
/// </summary>
internal static class ShardRows
{
    public const int FileSize = 28;
    public const int RecordSize = 21;

    /// <summary>Copies a shard to rows. Its lock is held.</summary>
    public static void Write(ShardTables tables, Span<byte> rows)
    {
        int[] rowOf = ArrayPool<int>.Shared.Rent(tables.Files.End);
        int row = 0;
        for (int slot = 1; slot < tables.Files.End; slot++)
        {
            ref FileEntry file = ref tables.Files[slot];
            if (file.IsEmpty)
            {
                continue;
            }

            rowOf[slot] = row++;
            file.Id.Write(rows);
            BinaryPrimitives.WriteUInt64LittleEndian(rows[16..], file.Version.Value);
            BinaryPrimitives.WriteUInt16LittleEndian(rows[24..], file.Mount);
            rows[26] = file.IsPinned ? (byte)1 : (byte)0;
            rows[27] = 0;
            rows = rows[FileSize..];
        }

        for (int slot = 1; slot < tables.Records.End; slot++)
        {
            ref RecordEntry record = ref tables.Records[slot];
            if (record.File == 0)
            {
                continue;
            }

            BinaryPrimitives.WriteInt32LittleEndian(rows, rowOf[record.File]);
            BinaryPrimitives.WriteUInt32LittleEndian(rows[4..], record.Page);
            BinaryPrimitives.WriteUInt64LittleEndian(rows[8..], record.PackedPlace);
            BinaryPrimitives.WriteUInt32LittleEndian(rows[16..], record.StoredAt);
            rows[20] = record.State;
            rows = rows[RecordSize..];
        }

        ArrayPool<int>.Shared.Return(rowOf);
    }

    /// <summary>Fills an empty shard.</summary>
    /// <param name="shard">The shard.</param>
    /// <param name="image">How many rows there are.</param>
    /// <param name="rows">The rows, their checksums checked.</param>
    /// <param name="accepts">Whether a place is one that the image may speak of.</param>
    public static void Load(IndexShard shard, in ImageShard image, ReadOnlySpan<byte> rows, Func<RecordPlace, bool> accepts)
    {
        ReadOnlySpan<byte> files = rows[..(image.Files * FileSize)];
        ReadOnlySpan<byte> records = rows[files.Length..];
        int[] slotOf = ArrayPool<int>.Shared.Rent(image.Files);
        Array.Clear(slotOf, 0, image.Files);
        for (; !records.IsEmpty; records = records[RecordSize..])
        {
            int row = BinaryPrimitives.ReadInt32LittleEndian(records);
            ReadOnlySpan<byte> file = files.Slice(row * FileSize, FileSize);
            RecordEntry.TryUnpack(
                BinaryPrimitives.ReadUInt64LittleEndian(records[8..]),
                BinaryPrimitives.ReadUInt16LittleEndian(file[24..]),
                file[26] != 0,
                BinaryPrimitives.ReadUInt32LittleEndian(records[16..]),
                out IndexedRecord record);
            if (accepts(record.Place))
            {
                var page = new PageKey(
                    FileId.Read(file),
                    new FileVersion(BinaryPrimitives.ReadUInt64LittleEndian(file[16..])),
                    BinaryPrimitives.ReadUInt32LittleEndian(records[4..]));
                shard.TryLoad(page, record, records[20], ref slotOf[row]);
            }
        }

        ArrayPool<int>.Shared.Return(slotOf);
    }

    /// <summary>Whether every row says something that can be: a wrong one passes its checksum only when whoever wrote it was wrong.</summary>
    public static bool AreValid(int shard, in ImageShard image, ReadOnlySpan<byte> rows)
    {
        for (int row = 0; row < image.Files; row++)
        {
            ReadOnlySpan<byte> file = rows.Slice(row * FileSize, FileSize);
            if (ShardHash.ShardOf(FileId.Read(file)) != shard)
            {
                return false;
            }
        }

        for (ReadOnlySpan<byte> records = rows[(image.Files * FileSize)..]; !records.IsEmpty; records = records[RecordSize..])
        {
            if ((uint)BinaryPrimitives.ReadInt32LittleEndian(records) >= (uint)image.Files
                || !RecordEntry.TryUnpack(BinaryPrimitives.ReadUInt64LittleEndian(records[8..]), 0, false, 0, out _))
            {
                return false;
            }
        }

        return true;
    }
}
