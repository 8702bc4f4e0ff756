using Dora.Storage.Pages;
using Dora.Tests.Doubles;
using static Dora.Tests.Storage.Pages.TestPages;

namespace Dora.Tests.Storage.Pages;

public sealed class PageStoreSoakTests
{
    private const long Capacity = 6 * 1024 * 1024;
    private const int Workers = 6;
    private const int StepsEach = 1500;

    [Fact]
    public async Task ManyThreads_NeverAWrongByteNorAByteOverTheCap()
    {
        using var directory = new TempDirectory();
        var options = new PageStoreOptions { Directory = directory.Path, CapacityBytes = Capacity, SegmentBytes = 512 * 1024 };
        SegmentPageStore store = await SegmentStores.OpenAsync(options);
        using var stop = new CancellationTokenSource();
        Task<long> watcher = Task.Run(() => WatchDisk(directory.Path, stop.Token));
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(w => Task.Run(() => WorkAsync(store, new Random(w))))).WaitAsync(TimeSpan.FromMinutes(2));
        await stop.CancelAsync();
        Assert.InRange(await watcher, 1, Capacity);
        Assert.Equal(0, store.Statistics.Damaged);
        Assert.Equal(0, store.Statistics.WriteFailures);

        long pages = store.Statistics.Pages;
        await store.DisposeAsync();
        await using SegmentPageStore again = await SegmentStores.OpenAsync(options);
        // The checkpoint at close takes its bytes from the pages.
        Assert.InRange(again.Statistics.Pages, pages - 10, pages + 20);
        int found = 0;
        for (int file = 0; file < 8; file++)
        {
            for (uint page = 0; page < 40; page++)
            {
                for (ulong version = 1; version <= 2; version++)
                {
                    found += await again.ReadCheckedAsync(Key(file, version, page), 0, 2 * Grid) > 0 ? 1 : 0;
                }
            }
        }

        Assert.True(found > 10, $"only {found} pages left to check");
        Assert.Equal(0, again.Statistics.Damaged);
    }

    private static async Task WorkAsync(SegmentPageStore store, Random random)
    {
        for (int step = 0; step < StepsEach; step++)
        {
            PageKey key = Key(random.Next(8), random.Next(30) == 0 ? 2UL : 1UL, (uint)random.Next(40));
            int block = random.Next(2);
            switch (random.Next(12))
            {
                case < 4:
                    await store.PutAsync(key, block * Grid, random.Next(3) == 0 && block == 0 ? 2 * Grid : Grid);
                    break;
                case < 9:
                    await store.ReadCheckedAsync(key, random.Next(2 * Grid), random.Next(1, Grid));
                    break;
                case < 11:
                    store.LeaseChecked(key, block * Grid, random.Next(1, Grid));
                    break;
                default:
                    if (random.Next(20) == 0)
                    {
                        await store.RemoveAsync(key.File, FileVersion.None, CancellationToken.None);
                    }

                    break;
            }

            Assert.InRange(store.Statistics.Bytes, 0, Capacity);
        }
    }

    /// <summary>The most bytes ever seen in the directory.</summary>
    private static long WatchDisk(string directory, CancellationToken stop)
    {
        long most = 0;
        bool last;
        do
        {
            // One look after the end too: on a busy machine this thread may get its turn only then.
            last = stop.IsCancellationRequested;
            most = Math.Max(most, DirectorySize.Of(directory));
        }
        while (!last);

        return most;
    }
}
