using Dora.Storage.Pages;
using Dora.Storage.Pages.Volumes;
using Dora.Tests.Doubles;
using Dora.Tests.Processes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using static Dora.Tests.Storage.Pages.TestPages;
using Eventually = Dora.Tests.Waiting.Eventually;

namespace Dora.Tests.Storage.Pages.Proofs;

/// <summary>A disk that is smaller than the store's capacity: the store lives within what there is, and takes more when there is more.</summary>
public sealed class PageStoreFullDiskTests : IDisposable
{
    private const long Capacity = 1L << 30;
    private const int DiskMegabytes = 24;

    private readonly TempDirectory _directory = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task SmallDisk_PutsGoOnWithinIt_AndUseWhatBecomesFree()
    {
        using SmallDisk? disk = SmallDisk.TryMount(_directory.Path, DiskMegabytes);
        if (disk is null)
        {
            // Not allowed here; the next test shows the same on a double.
            return;
        }

        byte[] ballast = new byte[8 * 1024 * 1024];
        string other = Path.Combine(_directory.Path, "somebody-else");
        await File.WriteAllBytesAsync(other, ballast);
        await using var store = SegmentPageStore.Open(Options(), _time, NullLogger.Instance, new FilePageDevice());
        long small = await LivesOnAsync(store, firstFile: 0);
        Assert.InRange(small, 4L << 20, (DiskMegabytes - 8L) << 20);

        File.Delete(other);
        long large = 0;
        int round = 1;
        await Eventually.Async(
            async () =>
            {
                _time.Advance(TimeSpan.FromMinutes(10));
                large = await LivesOnAsync(store, firstFile: 1000 * round++);
                return large > small + (4L << 20);
            },
            "the store uses the room that became free",
            TimeSpan.FromMinutes(1));
        Assert.InRange(large, 0, (long)DiskMegabytes << 20);
    }

    [Fact]
    public async Task FullDisk_OnADouble_ShrinksAndGrows()
    {
        var device = new FaultyPageDevice();
        long limit = 10L << 20;
        device.OnWrite = _ => _ = DiskUse.Of(_directory.Path) > limit ? throw new IOException("No space left on device", 28) : 0;
        await using var store = SegmentPageStore.Open(Options(), _time, NullLogger.Instance, device);
        long small = await LivesOnAsync(store, firstFile: 0);
        Assert.InRange(small, 4L << 20, limit + (1L << 20));

        limit = 30L << 20;
        long large = 0;
        int round = 1;
        await Eventually.Async(
            async () =>
            {
                _time.Advance(TimeSpan.FromMinutes(10));
                large = await LivesOnAsync(store, firstFile: 1000 * round++);
                return large > small + (8L << 20);
            },
            "the store uses the room that became free",
            TimeSpan.FromMinutes(1));
    }

    private PageStoreOptions Options() => new() { Directory = _directory.Path, CapacityBytes = Capacity, SegmentBytes = 1 << 20, FailurePause = TimeSpan.Zero };

    /// <summary>Puts far more than fits: in the end most are stored again, and what is stored is right.</summary>
    /// <returns>Bytes in use.</returns>
    private static async Task<long> LivesOnAsync(SegmentPageStore store, int firstFile)
    {
        const int Puts = 120;
        int stored = 0;
        var outcomes = new Dictionary<PutOutcome, int>();
        for (int i = 0; i < Puts; i++)
        {
            PutOutcome outcome = store.Put(Key(firstFile + i), 0, 4 * Grid);
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
            stored += i >= Puts / 2 && outcome == PutOutcome.Stored ? 1 : 0;
            if (outcome == PutOutcome.Stored)
            {
                Assert.Equal(4 * Grid, store.ReadChecked(Key(firstFile + i), 0, 4 * Grid));
            }
        }

        Assert.True(stored > Puts / 4, $"only {stored} of the last {Puts / 2} puts were stored; of all: {string.Join(", ", outcomes)}; {store.Statistics}");
        return store.Statistics.Bytes;
    }
}
