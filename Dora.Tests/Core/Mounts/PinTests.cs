namespace Dora.Tests.Core.Mounts;

public sealed class PinTests
{
    private static readonly MountTable Table = new(
        1,
        [Mount("/a", "/data"), Mount("/b/c", "s3://bucket/x"), Mount("/d", "/data/inner/deep")],
        [Pin("/a/inner", 1), Pin("/a/inner/hot", 2), Pin("/b", 3), Pin("/nowhere", 4)]);

    [Theory]
    [InlineData("file:///data/f", 0)]
    [InlineData("file:///data/innermost", 0)]
    [InlineData("file:///data/inner", 1)]
    [InlineData("file:///data/inner/f", 1)]
    [InlineData("file:///data/inner/hot/f", 2)]
    [InlineData("file:///data/inner/deep/f", 1)]
    [InlineData("s3://bucket/x/f", 3)]
    [InlineData("s3://bucket/y", 0)]
    public void PinOfUfs_TakesTheLongestPrefix(string ufsPath, int share) =>
        Assert.Equal(share, Table.PinOfUfs(ufsPath)?.SharePercent ?? 0);

    [Fact]
    public void Table_TwoPinsAtOnePath_IsRefused() =>
        Assert.Equal(DoraErrorCode.AlreadyExists, Assert.Throws<DoraException>(() => new MountTable(1, [], [Pin("/a", 1), Pin("/a", 2)])).Code);

    [Theory]
    [InlineData("/", "file:///data file:///data/inner/deep s3://bucket/x")]
    [InlineData("/a/inner", "file:///data/inner")]
    [InlineData("/b", "s3://bucket/x")]
    [InlineData("/nowhere", "")]
    public void UfsRootsAt_OwnRootAndThoseOfMountsBelow(string path, string roots) =>
        Assert.Equal(roots, string.Join(' ', Table.UfsRootsAt(DoraPath.Parse(path)).Order(StringComparer.Ordinal)));

    private static Mount Mount(string path, string ufs) => new(DoraPath.Parse(path), UfsUri.Parse(ufs), FetchGeometry.DefaultSize, Freshness.Default);

    private static Pin Pin(string prefix, int share) => new(DoraPath.Parse(prefix), share);
}
