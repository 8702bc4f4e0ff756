using Dora.Storage.Pages;
using Dora.Storage.Pages.Records;
using Dora.Storage.Pages.Segments;
using Dora.Storage.Pages.Volumes;
using Dora.Tests.Doubles;
using Microsoft.Extensions.Time.Testing;
using static Dora.Tests.Storage.Pages.TestPages;

namespace Dora.Tests.Storage.Pages;

/// <summary>Directories that fail, fill up, come back, or cannot punch holes.</summary>
public sealed class PageStoreDirectoriesTests : IDisposable
{
    private const long Capacity = 8 * 1024 * 1024;
    private const int EIO = 5;
    private const int ENOSPC = 28;

    private readonly TempDirectory _first = new();
    private readonly TempDirectory _second = new();
    private readonly FaultyPageDevice _device = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose()
    {
        _first.Dispose();
        _second.Dispose();
    }

    [Fact]
    public async Task Put_TwoDirectories_BothAreUsedAndFoundAgain()
    {
        await using (SegmentPageStore store = await OpenAsync(Two()))
        {
            await FillAsync(store, 40);
            Assert.All(store.Statistics.Directories, static d => Assert.InRange(d.Records, 5, 35));
            Assert.Equal(2 * Capacity, store.Statistics.CapacityBytes);
        }

        await using SegmentPageStore again = await OpenAsync(Two());
        Assert.Equal(40, again.Statistics.Pages);
        Assert.Equal(40, await CountAsync(again, 40));
    }

    [Fact]
    public async Task Read_DiskBroken_DirectoryIsQuarantined_AndComesBackEmpty()
    {
        await using SegmentPageStore store = await OpenAsync(One());
        await FillAsync(store, 10);
        _device.OnRead = static () => throw new IOException("Input/output error", EIO);
        Assert.Equal(0, store.ReadChecked(Key(), 0, Grid));
        Assert.True(store.Statistics.Directories[0].IsQuarantined);
        Assert.Equal((0, 0L), (store.Statistics.Pages, store.Statistics.Directories[0].Records));
        Assert.Equal(PutOutcome.Failed, store.Put(Key(50), 0, Grid));

        // Tried after a pause, and again after a longer one.
        _time.Advance(TimeSpan.FromSeconds(2));
        await store.Maintenance.StepAsync(CancellationToken.None);
        Assert.True(store.Statistics.Directories[0].IsQuarantined);
        _device.OnRead = null;
        await store.Maintenance.StepAsync(CancellationToken.None);
        Assert.True(store.Statistics.Directories[0].IsQuarantined);
        _time.Advance(TimeSpan.FromSeconds(5));
        await store.Maintenance.StepAsync(CancellationToken.None);
        Assert.False(store.Statistics.Directories[0].IsQuarantined);
        Assert.Equal(PutOutcome.Stored, store.Put(Key(50), 0, Grid));
        Assert.Equal(Grid, store.ReadChecked(Key(50), 0, Grid));
        Assert.Equal(0, store.ReadChecked(Key(), 0, Grid));
        Assert.InRange(store.Statistics.Bytes, DirectorySize.Of(_first.Path), Capacity);
    }

    [Fact]
    public async Task Write_DiskFullBelowTheCap_CapShrinksAndGrowsAgain()
    {
        await using SegmentPageStore store = await OpenAsync(One());
        await FillAsync(store, 40);
        long limit = store.Statistics.Bytes;
        _device.OnWrite = length =>
        {
            if (length > Grid && DirectorySize.Of(_first.Path) + length > limit)
            {
                throw new IOException("No space left on device", ENOSPC);
            }
        };

        int stored = 0;
        for (uint i = 0; i < 20; i++)
        {
            stored += store.Put(Key(2, index: i), 0, Grid) == PutOutcome.Stored ? 1 : 0;
            _time.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.InRange(stored, 15, 20);
        Assert.InRange(store.Statistics.Directories[0].CapBytes, limit / 2, limit + (limit / 8));
        Assert.False(store.Statistics.Directories[0].IsQuarantined);
        _device.OnWrite = null;
        for (int i = 0; i < 100; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(31));
            await store.Maintenance.StepAsync(CancellationToken.None);
        }

        Assert.Equal(Capacity, store.Statistics.Directories[0].CapBytes);
    }

    [Fact]
    public async Task Put_NoHoles_WholeSegmentsAreReclaimed_AndWhatIsReadStays()
    {
        var device = new FaultyPageDevice { CanPunch = false };
        await using SegmentPageStore store = await SegmentStores.OpenAsync(One(), _time, device);
        for (uint i = 0; i < 400; i++)
        {
            Assert.Equal(PutOutcome.Stored, store.Put(Key(index: i), 0, Grid));
            Assert.Equal(Grid, store.ReadChecked(Key(index: i), 0, Grid));
            Assert.InRange(DirectorySize.Of(_first.Path), 0, Capacity);
            Assert.InRange(store.Statistics.Bytes, 0, Capacity);
        }

        Assert.InRange(store.Statistics.Pages, 40, 120);
    }

    [Fact]
    public async Task Lease_RecordEvicted_ItsBytesStayUntilItEnds()
    {
        await using SegmentPageStore store = await OpenAsync(One());
        await FillAsync(store, 3);
        Assert.True(store.TryLease(Key(index: 1), 0, Grid, LocateMode.Wait, out PageLease lease));
        long before = store.Statistics.Bytes;
        Assert.InRange(store.RemovePage(Key(index: 1)), Grid, 2 * Grid);
        Assert.Equal(0, store.ReadChecked(Key(index: 1), 0, Grid));
        Assert.Equal(before, store.Statistics.Bytes);
        byte[] bytes = new byte[Grid];
        Assert.Equal(Grid, RandomAccess.Read(lease.File, bytes, lease.FileOffset));
        Assert.True(AreRight(Key(index: 1), 0, bytes));
        lease.Dispose();
        Assert.InRange(store.Statistics.Bytes, 0, before - Grid);
    }

    [Fact]
    public async Task Quota_Reached_TheMountsOwnPagesGo()
    {
        await using SegmentPageStore store = await OpenAsync(One());
        store.SetMountRules(new Dictionary<ushort, PageMountRule> { [7] = new(1024 * 1024, TimeSpan.Zero) }, 0.5);
        await FillAsync(store, 10);
        for (uint i = 0; i < 40; i++)
        {
            Assert.Equal(PutOutcome.Stored, await PutAsync(store, Key(2, index: i), new PagePlacement(7, false)));
        }

        int kept = await CountAsync(store, 40, file: 2);
        Assert.InRange(kept, 12, 15);
        Assert.Equal(10, await CountAsync(store, 10));
        store.SetMountRules(new Dictionary<ushort, PageMountRule> { [7] = new(256 * 1024, TimeSpan.Zero) }, 0.5);
        await store.Maintenance.StepAsync(CancellationToken.None);
        Assert.InRange(await CountAsync(store, 40, file: 2), 1, 3);
        Assert.InRange(store.RemoveMount(7, CancellationToken.None), Grid, 4 * Grid);
        Assert.Equal((0, 10), (await CountAsync(store, 40, file: 2), await CountAsync(store, 10)));
    }

    [Fact]
    public async Task TimeToLive_Over_PageIsNotServedAndGoesByItself()
    {
        await using SegmentPageStore store = await OpenAsync(One());
        store.SetMountRules(new Dictionary<ushort, PageMountRule> { [7] = new(0, TimeSpan.FromMinutes(1)) }, 0.5);
        await PutAsync(store, Key(1), new PagePlacement(7, false));
        await PutAsync(store, Key(2), new PagePlacement(7, false));
        await PutAsync(store, Key(3), default);
        _time.Advance(TimeSpan.FromSeconds(30));
        Assert.Equal(Grid, store.ReadChecked(Key(1), 0, Grid));
        Assert.Equal((Grid, 0L), (store.Probe(Key(1), 0, Grid), store.Statistics.Dropped));
        _time.Advance(TimeSpan.FromSeconds(32));
        Assert.Equal(0, store.ReadChecked(Key(1), 0, Grid));

        // A load that asks what is there already hears the truth too.
        Assert.Equal((0, Grid), (store.Probe(Key(2), 0, Grid), store.Probe(Key(3), 0, Grid)));
        Assert.Equal((default, (long)Grid), (store.Held(Id(2)), store.Held(Id(3)).Bytes));
        await store.Maintenance.StepAsync(CancellationToken.None);
        Assert.Equal((1, 2L, 2L), (store.Statistics.Pages, store.Statistics.Expired, store.Statistics.Dropped));
        Assert.Equal(Grid, store.ReadChecked(Key(3), 0, Grid));
    }

    [Fact]
    public async Task Pinned_UpToTheShare_StaysWhateverComes()
    {
        await using SegmentPageStore store = await OpenAsync(One());
        store.SetMountRules(new Dictionary<ushort, PageMountRule>(), 0.25);
        for (uint i = 0; i < 40; i++)
        {
            await PutAsync(store, Key(100 + (int)i), new PagePlacement(0, true));
        }

        Assert.InRange(store.Statistics.PinnedBytes, (Capacity / 4) - Grid, Capacity / 4);
        await FillAsync(store, 300);
        int pinned = (int)(store.Statistics.PinnedBytes / Grid);
        int kept = 0;
        for (int i = 0; i < pinned; i++)
        {
            kept += store.ReadChecked(Key(100 + i), 0, Grid) == Grid ? 1 : 0;
        }

        Assert.Equal(pinned, kept);
        Assert.Equal(Grid, store.Pin(Id(100), pinned: false));
        Assert.Equal(0, store.Pin(Id(100), pinned: false));
    }

    [Fact]
    public async Task Scrubber_DamagedRecord_IsDroppedBeforeAnybodyAsks()
    {
        await using SegmentPageStore store = await OpenAsync(One());
        await FillAsync(store, 5);
        string segment = Assert.Single(Directory.GetFiles(_first.Path, "*.seg"));
        using (FileStream file = new(segment, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite))
        {
            file.Position = SegmentHeader.Reserved + RecordPlace.StepSize + 99;
            file.WriteByte(0);
            file.WriteByte(1);
        }

        for (int i = 0; i < 3; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await store.Maintenance.StepAsync(CancellationToken.None);
        }

        Assert.Equal((4, 1L), (store.Statistics.Pages, store.Statistics.Damaged));
        Assert.InRange(store.Statistics.ScrubbedBytes, 5 * Grid, long.MaxValue);
    }

    [Fact]
    public async Task Kill_AfterACheckpoint_TailIsScanned_AndRemovedPagesAreNotCountedAsDamage()
    {
        SegmentPageStore store = await OpenAsync(One());
        await FillAsync(store, 10);
        _time.Advance(TimeSpan.FromMinutes(6));
        await store.Maintenance.StepAsync(CancellationToken.None);
        Assert.Equal(1, store.Statistics.Checkpoints);
        store.Put(Key(2), 0, Grid);
        store.RemovePage(Key(index: 3));
        string copy = _second.Path;
        foreach (string file in Directory.GetFiles(_first.Path).Where(static f => !f.EndsWith("lock", StringComparison.Ordinal)))
        {
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        }

        await store.DisposeAsync();
        File.Copy(Path.Combine(_first.Path, "lock"), Path.Combine(copy, "lock"));
        await using SegmentPageStore again = await OpenAsync(One() with { Directory = copy });
        Assert.Equal(Grid, again.ReadChecked(Key(2), 0, Grid));
        Assert.Equal(9, await CountAsync(again, 10));
        Assert.Equal((0, 1L, 10), (again.Statistics.Damaged, again.Statistics.Stale, again.Statistics.Pages));
    }

    [Fact]
    public async Task Open_SegmentOfAnotherStore_IsSetAside()
    {
        await using (SegmentPageStore other = await OpenAsync(One() with { Directory = _second.Path }))
        {
            other.Put(Key(9), 0, Grid);
        }

        string foreign = Assert.Single(Directory.GetFiles(_second.Path, "*.seg"));
        await using (SegmentPageStore store = await OpenAsync(One()))
        {
            await FillAsync(store, 3);
        }

        File.Copy(foreign, Path.Combine(_first.Path, Path.GetFileName(foreign)), overwrite: true);
        await using SegmentPageStore again = await OpenAsync(One());
        Assert.Equal(0, again.ReadChecked(Key(9), 0, Grid));
        Assert.True(File.Exists(Path.Combine(_first.Path, "set-aside", Path.GetFileName(foreign))));
    }

    [Fact]
    public async Task Open_Format1_IsRemovedAndTheStoreStartsEmpty()
    {
        byte[] old = new byte[64];
        new SegmentHeader(1, 2, 3).Write(old);
        old[8] = 1;
        BitConverter.TryWriteBytes(old.AsSpan(12), Crc32C.Compute(old.AsSpan(0, 12)));
        string path = _first.Write("0000000000000001.seg", old);
        await using SegmentPageStore store = await OpenAsync(One());
        Assert.False(File.Exists(path));
        Assert.Equal((0, 0L), (store.Statistics.Pages, store.Statistics.Damaged));
    }

    private static async Task FillAsync(SegmentPageStore store, uint pages)
    {
        for (uint i = 0; i < pages; i++)
        {
            Assert.Equal(PutOutcome.Stored, store.Put(Key(index: i), 0, Grid));
        }
    }

    private static async Task<int> CountAsync(SegmentPageStore store, uint pages, int file = 1)
    {
        int count = 0;
        for (uint i = 0; i < pages; i++)
        {
            count += store.ReadChecked(Key(file, index: i), 0, Grid) == Grid ? 1 : 0;
        }

        return count;
    }

    private static async Task<PutOutcome> PutAsync(SegmentPageStore store, PageKey key, PagePlacement placement) =>
        store.Put(key, 0, Bytes(key, 0, Grid), placement);

    private PageStoreOptions One() => new() { Directory = _first.Path, CapacityBytes = Capacity };

    private PageStoreOptions Two() => One() with { MoreDirectories = [new PageDirectoryOptions(_second.Path, Capacity)] };

    private Task<SegmentPageStore> OpenAsync(PageStoreOptions options) => SegmentStores.OpenAsync(options, _time, _device);
}
