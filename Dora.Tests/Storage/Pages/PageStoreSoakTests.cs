using Dora.Storage.Pages;
using Dora.Storage.Pages.Volumes;
using Dora.Tests.Doubles;
using Dora.Tests.Processes;
using Dora.Tests.Storage.Pages.Proofs;
using Xunit.Abstractions;
using static Dora.Tests.Storage.Pages.TestPages;

namespace Dora.Tests.Storage.Pages;

/// <summary>
/// Threads put, read, lease, free, invalidate, pin and change versions on a store that is much too small, while its bytes on disk are sampled; then every
/// page is checked, before and after a restart. <c>DORA_TEST_FULL=1</c> takes 100 times the steps.
/// </summary>
public sealed class PageStoreSoakTests(ITestOutputHelper output)
{
    private const long Capacity = 6 * 1024 * 1024;
    private const int Workers = 6;
    private const int Files = 8;
    private const uint Pages = 40;
    private const ulong Versions = 3;
    private const ushort QuotaMount = 7;
    private const ushort TtlMount = 8;

    [Fact]
    public async Task ManyThreads_NeverAWrongByteNorAByteOverTheCap()
    {
        using var first = new TempDirectory();
        using var second = new TempDirectory();

        // On file systems of their own the bytes in use are exact at any moment.
        using SmallDisk? firstDisk = SmallDisk.TryMount(first.Path, megabytes: 64), secondDisk = SmallDisk.TryMount(second.Path, megabytes: 64);
        var options = new PageStoreOptions
        {
            Directory = first.Path,
            CapacityBytes = Capacity,
            MoreDirectories = [new PageDirectoryOptions(second.Path, Capacity)],
            SegmentBytes = 512 * 1024,
            CheckpointInterval = TimeSpan.FromMilliseconds(50),
            ScrubBytesPerSecond = 50 << 20,
        };
        SegmentPageStore store = SegmentPageStore.Open(options, TimeProvider.System);
        SetRules(store);
        using var stop = new CancellationTokenSource();
        Task<(long Most, int Samples)>[] watchers = [.. ((string[])[first.Path, second.Path]).Select(d => Task.Run(() => Watch(d, firstDisk is not null, stop.Token)))];
        int steps = FullCounts.Of(1500, 150_000);
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(w => Task.Run(() => WorkAsync(store, new Random(FullCounts.FirstSeed + w), steps))))
            .WaitAsync(TimeSpan.FromMinutes(FullCounts.Of(2, 30)));
        await stop.CancelAsync();
        foreach ((long most, int samples) in await Task.WhenAll(watchers))
        {
            output.WriteLine($"{most} bytes on disk at most of {Capacity}, {samples} samples");
            Assert.InRange(most, 1, Capacity);
        }

        Assert.Equal(0, store.Statistics.Damaged);
        Assert.Equal(0, store.Statistics.WriteFailures);

        // What the threads leave is chance: their last steps may have removed almost everything.
        int put = PutKnown(store);
        int before = await CountAsync(store);
        long pages = store.Statistics.Pages;
        await store.DisposeAsync();

        await using SegmentPageStore again = SegmentPageStore.Open(options, TimeProvider.System);
        await again.WhenRecovered.WaitAsync(TimeSpan.FromMinutes(1));
        int after = await CountAsync(again);
        output.WriteLine($"{pages} pages at the end: {before} found, {after} after a restart; {again.Statistics}");
        Assert.InRange(before, put, (int)pages + 20);
        Assert.InRange(after, before * 9 / 10, before + 20);
        Assert.Equal((0, 0), (again.Statistics.Damaged, again.Statistics.Stale));
    }

    private static void SetRules(SegmentPageStore store) => store.SetMountRules(
        new Dictionary<ushort, PageMountRule> { [QuotaMount] = new(1 << 20, TimeSpan.Zero), [TtlMount] = new(0, TimeSpan.FromSeconds(1)) }, 0.2);

    private static async Task WorkAsync(SegmentPageStore store, Random random, int steps)
    {
        for (int step = 0; step < steps; step++)
        {
            PageKey key = Key(random.Next(Files), 1 + (random.Next(30) == 0 ? (ulong)random.Next((int)Versions) : 0), (uint)random.Next((int)Pages));
            int block = random.Next(2);
            switch (random.Next(24))
            {
                case < 8:
                    byte[] bytes = Bytes(key, block * Grid, random.Next(3) == 0 && block == 0 ? 2 * Grid : Grid);
                    store.Put(key, block * Grid, bytes, new PagePlacement((ushort)random.Next(6, 10), random.Next(5) == 0));
                    break;
                case < 18:
                    store.ReadChecked(key, random.Next(2 * Grid), random.Next(1, Grid));
                    break;
                case < 22:
                    store.LeaseChecked(key, block * Grid, random.Next(1, Grid));
                    break;
                default:
                    await ChangeAsync(store, key, random);
                    break;
            }

            Assert.InRange(store.Statistics.Bytes, 0, 2 * Capacity);
        }
    }

    private static async Task ChangeAsync(SegmentPageStore store, PageKey key, Random random)
    {
        switch (random.Next(60))
        {
            case < 2:
                store.Remove(key.File, FileVersion.None);
                break;
            case < 4:
                store.Remove(key.File, key.Version);
                break;
            case < 10:
                store.RemovePage(key);
                break;
            case < 14:
                store.Pin(key.File, random.Next(2) == 0);
                break;
            case 14:
                store.RemoveMount((ushort)random.Next(6, 10), CancellationToken.None);
                break;
            case 15:
                SetRules(store);
                break;
        }
    }

    /// <summary>Some pages of every file, in a mount without rules.</summary>
    private static int PutKnown(SegmentPageStore store)
    {
        PageKey[] keys = [.. Enumerable.Range(0, Files).SelectMany(file => Enumerable.Range(0, 3).Select(page => Key(file, 1, (uint)page)))];
        foreach (PageKey key in keys)
        {
            store.RemovePage(key);
            Assert.Equal(PutOutcome.Stored, store.Put(key, 0, Bytes(key, 0, Grid), new PagePlacement(6, false)));
        }

        return keys.Length;
    }

    private static async Task<int> CountAsync(SegmentPageStore store)
    {
        int found = 0;
        for (int file = 0; file < Files; file++)
        {
            for (uint page = 0; page < Pages; page++)
            {
                for (ulong version = 1; version <= Versions; version++)
                {
                    found += store.ReadChecked(Key(file, version, page), 0, 2 * Grid) > 0
                        || store.ReadChecked(Key(file, version, page), Grid, Grid) > 0 ? 1 : 0;
                }
            }
        }

        return found;
    }

    /// <summary>The most bytes that a directory took at any sample.</summary>
    private static (long Most, int Samples) Watch(string directory, bool ownDisk, CancellationToken stop)
    {
        long most = 0;
        int samples = 0;
        bool last;
        do
        {
            // One look after the end too: on a busy machine this thread may get its turn only then.
            last = stop.IsCancellationRequested;
            if ((ownDisk ? DiskUse.OfDisk(directory) : DiskUse.AtOneMoment(directory)) is { } bytes)
            {
                most = Math.Max(most, bytes);
                samples++;
            }
        }
        while (!last);

        return (most, samples);
    }
}
