namespace Dora.Tests.Core.Mounts;

public sealed class MountTableTests
{
    private static readonly MountTable Table = new(
        3, [Mount("/a", "/data"), Mount("/a/b", "s3://bucket/x"), Mount("/ab", "/data/deep"), Mount("/z/y/x", "/other", 4 * 1024 * 1024)]);

    [Theory]
    [InlineData("/a", "file:///data")]
    [InlineData("/a/f", "file:///data/f")]
    [InlineData("/a/b", "s3://bucket/x")]
    [InlineData("/a/b/f", "s3://bucket/x/f")]
    [InlineData("/a/bc", "file:///data/bc")]
    [InlineData("/ab/f", "file:///data/deep/f")]
    [InlineData("/abc", null)]
    [InlineData("/", null)]
    [InlineData("/z/y", null)]
    public void Resolve_OfADoraPath_TakesTheLongestMount(string path, string? ufsPath) =>
        Assert.Equal(ufsPath, Table.Resolve(DoraPath.Parse(path))?.UfsPath);

    [Theory]
    [InlineData("file:///data/f", "/a", "f")]
    [InlineData("file:///data/deep/f", "/ab", "f")]
    [InlineData("file:///data", "/a", "")]
    [InlineData("file:///database", null, null)]
    public void ResolveUfs_OfAUfsPath_TakesTheLongestRoot(string ufsPath, string? mount, string? relative)
    {
        MountedPath? found = Table.ResolveUfs(ufsPath);

        Assert.Equal((mount, relative), (found?.Mount.Path.Value, found?.Relative));
    }

    [Fact]
    public void FileId_OfOneFileThroughTwoMounts_IsOne()
    {
        Assert.Equal(Table.FileIdOf(DoraPath.Parse("/a/deep/f")), Table.FileIdOf(DoraPath.Parse("/ab/f")));
        Assert.Equal(FileId.FromUfsPath("dora:///z"), Table.FileIdOf(DoraPath.Parse("/z")));
    }

    [Fact]
    public void FileId_OfOneFileThroughAMountOfTheRoot_IsTheSame()
    {
        MountTable root = new(1, [Mount("/", "/")]);

        Assert.Equal(Table.FileIdOf(DoraPath.Parse("/a/f")), root.FileIdOf(DoraPath.Parse("/data/f")));
    }

    [Theory]
    [InlineData("/", "a ab z")]
    [InlineData("/a", "b")]
    [InlineData("/z", "y")]
    [InlineData("/z/y/x", "")]
    public void ChildNames_OfADirectoryAboveMounts_AreTheWayToThem(string directory, string names) =>
        Assert.Equal(names, string.Join(' ', Table.ChildNames(DoraPath.Parse(directory)).Order(StringComparer.Ordinal)));

    [Fact]
    public void Table_OfTwoMountsAtOnePath_IsRefused() =>
        Assert.Equal(DoraErrorCode.AlreadyExists, Assert.Throws<DoraException>(() => new MountTable(1, [Mount("/a", "/x"), Mount("/a", "/y")])).Code);

    [Fact]
    public void Table_MountsInAnotherOrder_IsTheSame() =>
        Assert.Equal([.. Table.Mounts], (Mount[])[.. new MountTable(3, Table.Mounts.Reverse()).Mounts]);

    private static Mount Mount(string path, string ufs, int fetchSize = FetchGeometry.DefaultSize) =>
        new(DoraPath.Parse(path), UfsUri.Parse(ufs), fetchSize, Freshness.Default);
}
