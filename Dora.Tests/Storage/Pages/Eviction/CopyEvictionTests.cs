using Dora.Storage.Pages;
using Dora.Tests.Doubles;
using Microsoft.Extensions.Time.Testing;
using static Dora.Tests.Storage.Pages.TestPages;

namespace Dora.Tests.Storage.Pages.Eviction;

/// <summary>Pages of files that other workers own now go before anything that belongs here.</summary>
public sealed class CopyEvictionTests : IDisposable
{
    private const int Records = 16;

    private readonly TempDirectory _directory = new();
    private volatile int _foreign;

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Copies_GoFirst_HoweverMuchTheyWereUsed(int copy)
    {
        await using SegmentPageStore store = Open();
        await store.WhenRecovered;
        foreach (int file in (int[])[1, 2, 3])
        {
            Put(store, file);
        }

        for (int i = 0; i < 10 * Records; i++)
        {
            Assert.Equal(Grid, store.ReadChecked(Key(copy, index: (uint)(i % Records)), 0, Grid));
        }

        _foreign = copy;
        Put(store, 4);

        Assert.InRange(store.Held(Id(copy)).Bytes, 0, (Records - 1) * Grid);
        Assert.All([1, 2, 3, 4], file => Assert.True(file == copy || store.Held(Id(file)).Bytes == Records * Grid, $"file {file} belongs here and lost pages"));
    }

    [Fact]
    public async Task NoCopies_EvictionGoesOn()
    {
        await using SegmentPageStore store = Open();
        await store.WhenRecovered;
        foreach (int file in Enumerable.Range(1, 20))
        {
            Put(store, file);
        }

        Assert.InRange(store.Statistics.Evicted, 10 * Records, 20 * Records);
    }

    [Fact]
    public async Task OnlyCopies_MakeRoomForEachOther()
    {
        await using SegmentPageStore store = Open((_, _) => false);
        await store.WhenRecovered;
        foreach (int file in Enumerable.Range(1, 20))
        {
            Put(store, file);
        }

        Assert.Equal(Records * Grid, store.Held(Id(20)).Bytes);
    }

    private static void Put(IPageStore store, int file)
    {
        for (uint i = 0; i < Records; i++)
        {
            Assert.Equal(PutOutcome.Stored, store.Put(Key(file, index: i), 0, Grid));
        }
    }

    private SegmentPageStore Open(Func<FileId, ushort, bool>? belongs = null) => SegmentPageStore.Open(
        new PageStoreOptions { Directory = _directory.Path, CapacityBytes = 4 * 1024 * 1024, Belongs = belongs ?? ((file, _) => file != Id(_foreign)) }, new FakeTimeProvider());
}
