using Dora.Grains.Mounts;

namespace Dora.Tests.Grains.Mounts;

public sealed class MountTableChangesTests
{
    [Fact]
    public void With_Mounts_GetIdsThatAreNotGivenAgain()
    {
        MountTable table = MountTable.Empty.With(Mount("/a")).With(Mount("/b"));
        Assert.Equal([("/a", 1), ("/b", 2)], table.Mounts.Select(static m => (m.Path.Value, (int)m.Id)));

        table = table.WithoutMount(DoraPath.Parse("/b")).With(Mount("/b"));
        Assert.Equal([("/a", 1), ("/b", 3)], table.Mounts.Select(static m => (m.Path.Value, (int)m.Id)));
        Assert.Equal(4, table.Version);
    }

    [Fact]
    public void With_IdsAreUsedUp_TakesTheOldestFree()
    {
        MountTable table = new MountTable(1, [Mount("/a") with { Id = 1 }, Mount("/c") with { Id = 3 }]) { LastMountId = ushort.MaxValue };
        table = table.With(Mount("/b")).With(Mount("/d"));
        Assert.Equal([("/a", 1), ("/b", 2), ("/c", 3), ("/d", 4)], table.Mounts.Select(static m => (m.Path.Value, (int)m.Id)));
    }

    [Fact]
    public void AnyChange_MountsOfAnOlderDora_GetIds()
    {
        MountTable table = new MountTable(1, [Mount("/a"), Mount("/b")]).WithRules(DoraPath.Parse("/b"), new CacheRules(1 << 20, default));
        Assert.Equal([1, 2], table.Mounts.Select(static m => (int)m.Id));
        Assert.Equal(1 << 20, table.Mounts[1].Rules.QuotaBytes);
    }

    [Fact]
    public void With_Pins_IdsAreOwnAndStay()
    {
        MountTable table = MountTable.Empty.With(Mount("/a")).With(Pin("/a/x", 10)).With(Pin("/a/y", 20));
        table = table.With(Pin("/a/x", 15)).WithoutPin(DoraPath.Parse("/a/y")).With(Pin("/a/z", 5));
        Assert.Equal([("/a/x", 15, 1), ("/a/z", 5, 2)], table.Pins.Select(static p => (p.Prefix.Value, p.SharePercent, (int)p.Id)));
    }

    [Fact]
    public void WithoutMount_PinsThatCoverNothingGoToo()
    {
        MountTable table = MountTable.Empty.With(Mount("/a/b")).With(Mount("/c")).With(Pin("/a", 10)).With(Pin("/c", 20)).With(Pin("/", 5));
        Assert.Equal(["/", "/c"], table.WithoutMount(DoraPath.Parse("/a/b")).Pins.Select(static p => p.Prefix.Value));
    }

    private static Mount Mount(string path) => new(DoraPath.Parse(path), UfsUri.Parse("file:///x" + path), 65536, Freshness.Immutable);

    private static Pin Pin(string prefix, int share) => new(DoraPath.Parse(prefix), share);
}
