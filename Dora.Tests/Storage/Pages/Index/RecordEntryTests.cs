using System.Runtime.CompilerServices;
using Dora.Storage.Pages.Index;
using Dora.Storage.Pages.Records;

namespace Dora.Tests.Storage.Pages.Index;

/// <summary>The bytes that a page costs, and that nothing is lost in them.</summary>
public sealed class RecordEntryTests
{
    private const int Grid = PageGeometry.ExtentGrid;

    [Fact]
    public void Entries_Sizes_AreTheBudget()
    {
        Assert.Equal(24, Unsafe.SizeOf<RecordEntry>());
        Assert.Equal(32, Unsafe.SizeOf<FileEntry>());
    }

    [Fact]
    public void RecordEntry_AnyFields_ComeBack()
    {
        var random = new Random(7);
        for (int i = 0; i < 10_000; i++)
        {
            int first = random.Next(16);
            var record = new IndexedRecord(
                new RecordPlace((ushort)random.Next(65536), (uint)random.NextInt64(RecordEntry.MaxSteps)),
                first * Grid,
                random.Next(2) == 0 ? (16 - first) * Grid : random.Next(1, ((16 - first) * Grid) + 1),
                Mount: (ushort)random.Next(65536),
                Pinned: random.Next(2) == 0,
                StoredAt: (uint)random.NextInt64(1L << 32),
                Verified: (ushort)random.Next(65536));
            int file = random.Next(1, RecordEntry.MaxSlots);
            uint page = (uint)random.NextInt64(1L << 32);
            int next = random.Next(RecordEntry.MaxSlots);
            var entry = new RecordEntry(file, page, record, 0xA5) { Next = next };

            Assert.Equal((file, page, next, (byte)0xA5), (entry.File, entry.Page, entry.Next, entry.State));
            Assert.Equal(record.End, entry.End);
            Assert.Equal(record, entry.ToRecord(new FileEntry(default, default, record.Mount, record.Pinned)));
            Assert.True(RecordEntry.TryUnpack(entry.PackedPlace, record.Mount, record.Pinned, record.StoredAt, out IndexedRecord unpacked));
            Assert.Equal(record with { Verified = 0 }, unpacked);

            var to = new RecordPlace((ushort)random.Next(65536), (uint)random.NextInt64(RecordEntry.MaxSteps));
            entry.Move(to);
            Assert.Equal(
                record with { Place = to, Verified = 0 }, entry.ToRecord(new FileEntry(default, default, record.Mount, record.Pinned)));
            Assert.Equal((file, next), (entry.File, entry.Next));
        }
    }

    [Fact]
    public void PackedPlace_Bits_AreFrozen()
    {
        var record = new IndexedRecord(new RecordPlace(0xABCD, 0x2F0F1), 3 * Grid, (4 * Grid) + 0x1234, 0, false, uint.MaxValue, 0);
        Assert.Equal(0xABCD_BC3C_4034_1233UL, new RecordEntry(1, 0, record, 0).PackedPlace);
    }

    [Fact]
    public void TryUnpack_RecordBeyondItsPage_IsRefused()
    {
        Assert.False(RecordEntry.TryUnpack(0x0000_0000_00F1_0000, 0, false, 0, out _));
        Assert.True(RecordEntry.TryUnpack(0x0000_0000_00F0_FFFF, 0, false, 0, out _));
        Assert.False(RecordEntry.TryUnpack(0x0000_0000_0100_0000, 0, false, 0, out _));
    }
}
