using Dora.Storage.Pages.Index;
using Dora.Storage.Pages.Records;
using Dora.Storage.Pages.Volumes;
using Dora.Tests.Doubles;
using Microsoft.Win32.SafeHandles;
using PageIndex = Dora.Storage.Pages.Index.PageIndex;

namespace Dora.Tests.Storage.Pages.Index;

/// <summary>Bytes that are on disks. When a test fails the format changed: raise the format version; images of other versions are ignored.</summary>
public sealed class ImageFormatTests
{
    private static readonly IndexManifest Manifest = new(
        0x1122334455667788, 0x0000000000000009, [new ManifestSegment(0x0102, 0x0A0B, 0xFEDCBA9876543210, 0x7000)]);

    [Fact]
    public void Start_Bytes_AreFrozen()
    {
        byte[] bytes = ImageFormat.WriteStart(Manifest);
        Assert.Equal(
            "444F524150494458" + "01000000" + "43E0B867" + "8877665544332211" + "0900000000000000" + "80000000" + "01000000" + new string('0', 40) + "E4F3DE72"
            + "0201" + "000000000000" + "0B0A000000000000" + "1032547698BADCFE" + "0070000000000000" + "898F2193",
            Convert.ToHexString(bytes));
    }

    [Fact]
    public async Task ShardAndTail_Bytes_AreFrozen()
    {
        using var directory = new TempDirectory();
        var device = new FilePageDevice();
        var index = new PageIndex(new IndexObserverDouble(), null);
        var file = new FileId(0x0011223344556677, 0x8899AABBCCDDEEF0);
        var record = new IndexedRecord(new RecordPlace(0x0102, 6), 65536, 0x1ABCD, 0x0304, true, 0x66778899, 0);
        index.Add(new PageKey(file, new FileVersion(0x0102030405060708), 0x0A0B0C0D), record, 0xC3, 0x0A0B, recovered: false, []);
        using (SafeFileHandle handle = device.Create(directory["image"]))
        {
            await new IndexImageWriter(device, TimeProvider.System, 0).WriteAsync(index, Manifest, handle, 1 << 20, CancellationToken.None);
        }

        byte[] image = await File.ReadAllBytesAsync(directory["image"]);
        int start = (int)ImageFormat.StartSize(1);
        Assert.Equal(100, start);
        Assert.Equal(start + 24 + 28 + 21 + (128 * 32) + 16, image.Length);
        Assert.Equal(
            "44128A7A" + "31000000" + "0900000000000000" + "31000000" + "00000000"
            + "00112233445566778899AABBCCDDEEF0" + "0807060504030201" + "0403" + "01" + "00"
            + "00000000" + "0D0C0B0A" + "CCAB118001000201" + "99887766" + "C3",
            Convert.ToHexString(image.AsSpan(start, 73)));
        byte[] tail = image[^ImageFormat.TailSize..];
        int shard = ShardHash.ShardOf(file);
        Assert.Equal(0x31, shard);
        Assert.Equal(
            "6400000000000000" + "4900000000000000" + "01000000" + "01000000" + "01000000" + "00000000",
            Convert.ToHexString(tail.AsSpan(shard * 32, 32)));
        Assert.Equal("0900000000000000" + "00000000" + "712F4875", Convert.ToHexString(tail.AsSpan(128 * 32)));
    }

    [Fact]
    public void ShardOfFile_IsFrozen()
    {
        Assert.Equal(128, ShardHash.Shards);
        Assert.Equal([0, 79], [ShardHash.ShardOf(default), ShardHash.ShardOf(new FileId(1, 0))]);
    }

    [Fact]
    public void Header_NewerFormat_IsNoImage()
    {
        byte[] bytes = ImageFormat.WriteStart(Manifest);
        Assert.True(ImageFormat.TryReadHeader(bytes.AsSpan(0, ImageFormat.HeaderSize), out _, out _, out _));
        bytes[8] = 2;
        BitConverter.TryWriteBytes(bytes.AsSpan(12), Crc32C.Compute(bytes.AsSpan(0, 12)));
        BitConverter.TryWriteBytes(bytes.AsSpan(60), Crc32C.Compute(bytes.AsSpan(0, 60)));
        Assert.False(ImageFormat.TryReadHeader(bytes.AsSpan(0, ImageFormat.HeaderSize), out _, out _, out _));
    }
}
