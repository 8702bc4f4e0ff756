namespace Dora.Tests.Core.Files;

public sealed class DirectoryWalkTests
{
    [Fact]
    public void Enter_SameDirectory_OnlyOnce()
    {
        var walk = new DirectoryWalk(DoraPath.Parse("/data"), followLinks: true);

        Assert.Null(walk.Enter(7, isLink: false));
        Assert.Equal(SkipReason.AlreadyVisited, walk.Enter(7, isLink: true));
        Assert.Equal(SkipReason.AlreadyVisited, walk.Enter(7, isLink: false));
        Assert.Null(walk.Enter(8, isLink: true));
    }

    [Fact]
    public void Enter_UnknownIdentity_Always()
    {
        var walk = new DirectoryWalk(DoraPath.Parse("/data"), followLinks: true);

        Assert.Null(walk.Enter(0, isLink: false));
        Assert.Null(walk.Enter(0, isLink: false));
    }

    [Theory]
    [InlineData("/", 256)]
    [InlineData("/data/a", 256)]
    public void Judge_Depth_CountsFromTheRoot(string root, int deepest)
    {
        var walk = new DirectoryWalk(DoraPath.Parse(root), followLinks: true);
        string path = root.TrimEnd('/') + string.Concat(Enumerable.Repeat("/d", deepest));

        Assert.Null(walk.Judge(path, isDirectory: true, isLink: false));
        Assert.Equal(SkipReason.TooDeep, walk.Judge(path + "/d", isDirectory: true, isLink: false));
        Assert.Null(walk.Judge(path + "/f", isDirectory: false, isLink: false));
    }

    [Theory]
    [InlineData(true, null)]
    [InlineData(false, SkipReason.LinkNotFollowed)]
    public void Judge_Link_ByTheChoice(bool followLinks, SkipReason? expected)
    {
        var walk = new DirectoryWalk(DoraPath.Root, followLinks);

        Assert.Equal(expected, walk.Judge("/a", isDirectory: true, isLink: true));
        Assert.Equal(expected, walk.Judge("/a", isDirectory: false, isLink: true));
        Assert.Null(walk.Judge("/a", isDirectory: true, isLink: false));
    }
}
