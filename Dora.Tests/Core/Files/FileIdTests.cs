using FsCheck;
using FsCheck.Fluent;

namespace Dora.Tests.Core.Files;

public sealed class FileIdTests
{
    // Ring key, metadata key and page-store key: if a line changes, every cached page and every placement of released versions is lost.
    [Theory]
    [InlineData("", "e3b0c44298fc1c149afbf4c8996fb924")]
    [InlineData("file:///data/a.bin", "3de2b54389ad8b8f040300395a13b3d4")]
    [InlineData("s3://bucket/train/0001.parquet", "a0e1da1602b0b5de332d52c949b6a9c2")]
    [InlineData("https://host/x y/ü.txt", "81313b264377e2efb8da1768ab914a46")]
    [InlineData("dora:///", "464ee14a81fc959af2d4c0fd3a21e2f9")]
    public void FileId_OfAUfsPath_IsTheFrozenOne(string path, string id) => Assert.Equal(id, FileId.FromUfsPath(path).ToString());

    [Fact]
    public void FileId_OfALongPath_IsTheHashOfItsUtf8() =>
        Assert.Equal("3cfa5eee0664d87f1e91c6e48c06327c", FileId.FromUfsPath("file:///" + new string('ü', 3000)).ToString());

    [Fact]
    public void FileId_WrittenAndRead_IsTheSameAndSortsAsItsBytes() => Check.One(Config.QuickThrowOnFailure, Prop.ForAll(
        ArbMap.Default.ArbFor<(ulong A, ulong B, ulong C, ulong D)>(), static n =>
        {
            FileId one = new(n.A, n.B), other = new(n.C % 2 == 0 ? n.A : n.C, n.D);
            Span<byte> bytes = stackalloc byte[FileId.Size], otherBytes = stackalloc byte[FileId.Size];
            one.Write(bytes);
            other.Write(otherBytes);
            return FileId.Read(bytes) == one
                && Math.Sign(one.CompareTo(other)) == Math.Sign(bytes.SequenceCompareTo(otherBytes))
                && one.ToString() == Convert.ToHexStringLower(bytes);
        }));
}
