using Dora.Storage.Pages;
using Dora.Storage.Pages.Records;
using Dora.Storage.Pages.Segments;
using Dora.Storage.Pages.Volumes;

namespace Dora.Tests.Storage.Pages.Segments;

/// <summary>Bytes that are on disks. When a test fails the format changed: raise the format version and keep reading this one, or set it aside.</summary>
public sealed class SegmentFormatTests
{
    private const ulong Salt = 0xA1A2A3A4A5A6A7A8;

    private static readonly uint[] Crcs = [0xCAFEBABE, 0x12345678];

    private static readonly RecordHeader Sample = new(
        RecordKind.Extent,
        new PageKey(new FileId(0x0011223344556677, 0x8899AABBCCDDEEFF), new FileVersion(0x0102030405060708), 0x0A0B0C0D),
        Offset: 0x10000,
        Length: 0x1ABCD,
        Position: 0x1122334000,
        Mount: 0x0E0F,
        Pinned: true,
        StoredAt: 0x67452301);

    [Fact]
    public void SegmentHeader_Bytes_AreFrozen()
    {
        byte[] bytes = new byte[SegmentHeader.Size];
        new SegmentHeader(0x1122334455667788, 0x99AABBCCDDEEFF00, Salt).Write(bytes);
        Assert.Equal(
            "444F524150414745" + "02000000" + "ADE41AED" + "8877665544332211" + "00FFEEDDCCBBAA99" + "A8A7A6A5A4A3A2A1" + new string('0', 40) + "09FED058",
            Convert.ToHexString(bytes));
        Assert.Equal(SegmentHeaderKind.Valid, SegmentHeader.Read(bytes, 0x1122334455667788, out SegmentHeader read, out uint format));
        Assert.Equal((2u, 0x1122334455667788ul, 0x99AABBCCDDEEFF00ul, Salt), (format, read.Sequence, read.DirectoryId, read.Salt));
        Assert.Equal(4096, SegmentHeader.Reserved);
    }

    [Fact]
    public void RecordHeader_Bytes_AreFrozen()
    {
        byte[] bytes = new byte[RecordHeader.Size];
        Sample.Write(bytes, Crcs, Salt);
        Assert.Equal(
            "44504752" + "0200" + "01" + "01" + "00112233445566778899AABBCCDDEEFF" + "0807060504030201" + "0D0C0B0A" + "00000100" + "CDAB0100"
            + "01234567" + "0040332211000000" + "0F0E" + "0000" + "82269648" + "BEBAFECA" + "78563412" + new string('0', 112),
            Convert.ToHexString(bytes));
        uint[] crcs = new uint[StorePage.Blocks];
        Assert.True(RecordHeader.TryRead(bytes, Sample.Position, Salt, out RecordHeader read, crcs));
        Assert.Equal(Sample, read);
        Assert.Equal(Crcs, crcs[..2]);
    }

    [Fact]
    public void DirectoryIdentity_Bytes_AreFrozen()
    {
        byte[] bytes = new byte[DirectoryIdentity.Size];
        DirectoryIdentity.Write(bytes, 0x1122334455667788);
        Assert.Equal("444F52414C4F434B" + "02000000" + "A2E9E0C4" + "8877665544332211", Convert.ToHexString(bytes));
        Assert.Equal(0x1122334455667788ul, DirectoryIdentity.TryRead(bytes));
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Null(DirectoryIdentity.TryRead(bytes));
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.Null(DirectoryIdentity.TryRead([]));
    }

    [Fact]
    public void RecordHeader_Layout_IsFrozen()
    {
        Assert.Equal((2, 4096, 4096 + 0x1B000), (Sample.Blocks, Sample.PayloadOffset, Sample.RecordSize));
        Assert.Equal((128, 4096), (RecordHeader.PayloadOffsetOf(3968), RecordHeader.SizeOf(3968)));
        Assert.Equal((4096, 8192), (RecordHeader.PayloadOffsetOf(3969), RecordHeader.SizeOf(3969)));
        Assert.Equal(4096 + (1 << 20), RecordHeader.SizeOf(StorePage.Size));
        Assert.Equal((1 << 20, 16, 4096), (StorePage.Size, StorePage.Blocks, RecordPlace.StepSize));
        Assert.Equal(1, (int)RecordKind.Extent);
    }

    [Fact]
    public void RecordHeader_AnyBitFlipped_IsRefused()
    {
        byte[] bytes = new byte[RecordHeader.Size];
        Sample.Write(bytes, Crcs, Salt);
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(RecordHeader.TryRead(bytes, Sample.Position, Salt, out _, []), $"bit {bit}");
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        Assert.False(RecordHeader.TryRead(bytes, Sample.Position + 4096, Salt, out _, []));
        Assert.False(RecordHeader.TryRead(bytes, Sample.Position, Salt + 1, out _, []));
        Assert.False(RecordHeader.TryRead(bytes.AsSpan(0, RecordHeader.Size - 1), Sample.Position, Salt, out _, []));
        Assert.True(RecordHeader.TryRead(bytes, Sample.Position, Salt, out _, []));
    }

    [Theory]
    [InlineData(-65536, 1)]
    [InlineData(1, 1)]
    [InlineData(0, 0)]
    [InlineData(0, (1 << 20) + 1)]
    [InlineData(1 << 20, 1)]
    [InlineData(65536, 1 << 20)]
    public void RecordHeader_ImpossibleExtent_IsRefused(int offset, int length)
    {
        byte[] bytes = new byte[RecordHeader.Size];
        (Sample with { Offset = offset, Length = length }).Write(bytes, [], Salt);
        Assert.False(RecordHeader.TryRead(bytes, Sample.Position, Salt, out _, []));
    }

    [Fact]
    public void SegmentHeader_OtherFiles_AreToldApart()
    {
        byte[] bytes = new byte[SegmentHeader.Size];
        Assert.Equal(SegmentHeaderKind.Damaged, Read(bytes, 1));
        Assert.Equal(SegmentHeaderKind.Damaged, Read([], 1));
        new SegmentHeader(1, 2, 3).Write(bytes);
        Assert.Equal(SegmentHeaderKind.Damaged, Read(bytes, 2));
        Assert.Equal(SegmentHeaderKind.Damaged, Read(bytes.AsSpan(0, 30), 1));
        bytes[20] ^= 1;
        Assert.Equal(SegmentHeaderKind.Damaged, Read(bytes, 1));
        bytes[0] ^= 1;
        Assert.Equal(SegmentHeaderKind.Foreign, Read(bytes, 1));
    }

    [Theory]
    [InlineData(3, "Newer")]
    [InlineData(1, "Older")]
    [InlineData(0, "Foreign")]
    public void SegmentHeader_OtherFormat_IsKnownByItsFirst16Bytes(byte version, string kind)
    {
        byte[] bytes = new byte[16];
        "DORAPAGE"u8.CopyTo(bytes);
        bytes[8] = version;
        BitConverter.TryWriteBytes(bytes.AsSpan(12), Crc32C.Compute(bytes.AsSpan(0, 12)));
        Assert.Equal(kind, SegmentHeader.Read(bytes, 1, out _, out uint format).ToString());
        Assert.Equal(version, format);
    }

    private static SegmentHeaderKind Read(ReadOnlySpan<byte> bytes, ulong sequence) => SegmentHeader.Read(bytes, sequence, out _, out _);
}
