namespace Dora.Tests.Core.Mounts;

/// <summary>The longest prefix, found as a scan of all of them finds it.</summary>
public sealed class PathPrefixesTests
{
    // '-' and '.' come before '/' in ordinal order, so that siblings lie between a directory and what is in it.
    private static readonly string[] Names = ["a", "a-b", "a.b", "ab", "b", "z", "\u00e9"];

    [Fact]
    public void ThousandMounts_AreFoundAsAScanFindsThem()
    {
        var random = new Random(7);
        Mount[] mounts =
        [
            .. Enumerable.Range(0, 20_000)
                .Select(_ => PathOf(random, 5))
                .Distinct()
                .Take(1000)
                .Select((path, i) => new Mount(DoraPath.Parse(path), UfsUri.Parse("file://" + (i % 3 == 0 ? path : PathOf(random, 4))), 1 << 20, default)),
        ];
        var table = new MountTable(1, mounts, mounts.Where(static (_, i) => i % 7 == 0).Select(static m => new Pin(m.Path, 10)));

        Assert.Equal(1000, mounts.Length);
        for (int i = 0; i < 5_000; i++)
        {
            string path = PathOf(random, 7);
            var dora = DoraPath.Parse(path);
            Assert.Equal(
                mounts.Where(m => dora.IsAtOrUnder(m.Path)).MaxBy(static m => m.Path.IsRoot ? 0 : m.Path.Value.Length), table.Resolve(dora)?.Mount);
            string ufs = "file://" + path;
            Assert.Equal(
                mounts.Where(m => m.Ufs.Covers(ufs)).OrderByDescending(static m => m.Ufs.Value.Length).ThenBy(static m => m.Path).FirstOrDefault(),
                table.MountOfUfs(ufs));
            Assert.Equal(dora.IsRoot || table.ChildNames(dora).Any(), table.IsAboveMounts(dora));
        }
    }

    [Fact]
    public void RootOfTheStoreAndOfTheTree_CoverEverything()
    {
        var root = new Mount(DoraPath.Root, UfsUri.Parse("/"), 1 << 20, default);
        var below = new Mount(DoraPath.Parse("/a"), UfsUri.Parse("/a"), 1 << 20, default);
        var table = new MountTable(1, [root, below]);

        Assert.Equal((root, string.Empty), (table.Resolve(DoraPath.Root)?.Mount, table.Resolve(DoraPath.Root)?.Relative));
        Assert.Equal((root, "ab/c"), (table.Resolve(DoraPath.Parse("/ab/c"))?.Mount, table.Resolve(DoraPath.Parse("/ab/c"))?.Relative));
        Assert.Equal((below, "c"), (table.Resolve(DoraPath.Parse("/a/c"))?.Mount, table.Resolve(DoraPath.Parse("/a/c"))?.Relative));
        Assert.Equal((root, root, below), (table.MountOfUfs("file:///"), table.MountOfUfs("file:///ab"), table.MountOfUfs("file:///a/b")));
        Assert.Null(table.MountOfUfs("s3://bucket/a"));
    }

    private static string PathOf(Random random, int depth)
    {
        string[] names = [.. Enumerable.Range(0, random.Next(depth + 1)).Select(_ => Names[random.Next(Names.Length)])];
        return "/" + string.Join('/', names);
    }
}
