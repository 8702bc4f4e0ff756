using Dora.Storage.Pages;

namespace Dora.Tests.Storage.Pages;

/// <summary>Bytes that are on disks. When a test fails the format changed: raise the format version and keep reading this one, or set it aside.</summary>
public sealed class SegmentFormatTests
{
    private static readonly RecordHeader Sample = new(
        RecordKind.Extent,
        new PageKey(new FileId(0x0011223344556677, 0x8899AABBCCDDEEFF), new FileVersion(0x0102030405060708), 0x0A0B0C0D),
        Offset: 0x10000,
        Length: 0x1ABCD,
        TableCrc: 0xCAFEBABE,
        Position: 0x1122334455);

    [Fact]
    public void SegmentHeader_Bytes_AreFrozen()
    {
        byte[] bytes = new byte[SegmentHeader.Size];
        SegmentHeader.Write(bytes, 0x1122334455667788);
        Assert.Equal(
            "444F524150414745" + "01000000" + "946D388F" + "8877665544332211" + new string('0', 72) + "9768CB4F",
            Convert.ToHexString(bytes));
        Assert.Equal(SegmentHeaderKind.Valid, SegmentHeader.Read(bytes, 0x1122334455667788, out uint format));
        Assert.Equal(1u, format);
    }

    [Fact]
    public void RecordHeader_Bytes_AreFrozen()
    {
        byte[] bytes = new byte[RecordHeader.Size];
        Sample.Write(bytes);
        Assert.Equal(
            "44504752" + "0100" + "01" + "00" + "00112233445566778899AABBCCDDEEFF" + "0807060504030201" + "0D0C0B0A" + "00000100" + "CDAB0100"
            + "BEBAFECA" + "5544332211000000" + "00000000" + "BD8593A1",
            Convert.ToHexString(bytes));
        Assert.True(RecordHeader.TryRead(bytes, Sample.Position, out RecordHeader read));
        Assert.Equal(Sample, read);
    }

    [Fact]
    public void RecordHeader_Layout_IsFrozen()
    {
        Assert.Equal((2, 128, 128 + 0x1AC00), (Sample.Blocks, Sample.HeadSize, Sample.RecordSize));
        Assert.Equal((16, 128), ((Sample with { Length = 1 << 20 }).Blocks, (Sample with { Length = 1 << 20 }).HeadSize));
        Assert.Equal((17, 192), ((Sample with { Length = (1 << 20) + 1 }).Blocks, (Sample with { Length = (1 << 20) + 1 }).HeadSize));
        Assert.Equal(64 + 1024, (Sample with { Offset = 0, Length = 1 << 24 }).HeadSize);
        Assert.Equal((1, 2), ((int)RecordKind.Extent, (int)RecordKind.Dead));
    }

    [Fact]
    public void RecordHeader_AnyBitFlipped_IsRefused()
    {
        byte[] bytes = new byte[RecordHeader.Size];
        Sample.Write(bytes);
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(RecordHeader.TryRead(bytes, Sample.Position, out _), $"bit {bit}");
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.False(RecordHeader.TryRead(bytes, Sample.Position + 64, out _));
        Assert.False(RecordHeader.TryRead(bytes.AsSpan(0, 63), Sample.Position, out _));
    }

    [Theory]
    [InlineData(-65536, 1)]
    [InlineData(1, 1)]
    [InlineData(0, 0)]
    [InlineData(0, (1 << 24) + 1)]
    [InlineData(1 << 24, 1)]
    public void RecordHeader_ImpossibleExtent_IsRefused(int offset, int length)
    {
        byte[] bytes = new byte[RecordHeader.Size];
        (Sample with { Offset = offset, Length = length }).Write(bytes);
        Assert.False(RecordHeader.TryRead(bytes, Sample.Position, out _));
    }

    [Fact]
    public void SegmentHeader_OtherFiles_AreToldApart()
    {
        byte[] bytes = new byte[SegmentHeader.Size];
        Assert.Equal(SegmentHeaderKind.Damaged, SegmentHeader.Read(bytes, 1, out _));
        Assert.Equal(SegmentHeaderKind.Damaged, SegmentHeader.Read([], 1, out _));
        SegmentHeader.Write(bytes, 1);
        Assert.Equal(SegmentHeaderKind.Damaged, SegmentHeader.Read(bytes, 2, out _));
        Assert.Equal(SegmentHeaderKind.Damaged, SegmentHeader.Read(bytes.AsSpan(0, 30), 1, out _));
        bytes[20] ^= 1;
        Assert.Equal(SegmentHeaderKind.Damaged, SegmentHeader.Read(bytes, 1, out _));
        bytes[0] ^= 1;
        Assert.Equal(SegmentHeaderKind.Foreign, SegmentHeader.Read(bytes, 1, out _));
    }

    [Fact]
    public void SegmentHeader_NewerFormat_IsKnownByItsFirst16Bytes()
    {
        byte[] bytes = new byte[16];
        "DORAPAGE"u8.CopyTo(bytes);
        bytes[8] = 2;
        BitConverter.TryWriteBytes(bytes.AsSpan(12), Crc32C.Compute(bytes.AsSpan(0, 12)));
        Assert.Equal(SegmentHeaderKind.Newer, SegmentHeader.Read(bytes, 1, out uint format));
        Assert.Equal(2u, format);
    }
}
