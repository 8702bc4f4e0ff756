using Dora.Storage.Pages.Eviction;

namespace Dora.Tests.Storage.Pages.Eviction;

public sealed class GhostTableTests
{
    [Fact]
    public void Add_KnownAndUnknownPages_AreToldApart()
    {
        var table = new GhostTable(10_000);
        for (int page = 0; page < 5_000; page++)
        {
            table.Add(Hash(page), 1 + (page % 15));
        }

        Assert.InRange(Enumerable.Range(0, 5_000).Count(p => table.CountOf(Hash(p)) == 1 + (p % 15)), 4_950, 5_000);
        Assert.InRange(Enumerable.Range(5_000, 5_000).Count(p => table.CountOf(Hash(p)) != 0), 0, 50);
    }

    [Fact]
    public void Add_Full_ForgetsTheLeastUsedFirst()
    {
        var table = new GhostTable(1_000);
        for (int page = 0; page < 500; page++)
        {
            table.Add(Hash(page), 9);
        }

        for (int page = 500; page < 20_000; page++)
        {
            table.Add(Hash(page), 1);
        }

        Assert.InRange(Enumerable.Range(0, 500).Count(p => table.CountOf(Hash(p)) == 9), 400, 500);
    }

    [Fact]
    public void Add_Again_ReplacesTheCount()
    {
        var table = new GhostTable(8);
        table.Add(Hash(1), 3);
        table.Add(Hash(1), 40);

        Assert.Equal(15, table.CountOf(Hash(1)));
    }

    [Fact]
    public void Halve_Counts_AreHalved()
    {
        var table = new GhostTable(8);
        table.Add(Hash(1), 9);
        table.Add(Hash(2), 1);
        table.Halve();

        Assert.Equal((4, 0), (table.CountOf(Hash(1)), table.CountOf(Hash(2))));
    }

    private static ulong Hash(int page) => GhostTable.Hash(ListWalk.Key(page));
}
