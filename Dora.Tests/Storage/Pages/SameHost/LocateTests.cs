using Dora.PageChannel.SameHost;
using Dora.Storage.Pages;
using Dora.Tests.Doubles;
using Microsoft.Win32.SafeHandles;
using static Dora.Tests.Storage.Pages.TestPages;

namespace Dora.Tests.Storage.Pages.SameHost;

/// <summary>What a reader of segments' files is told, and that it notices when that is over.</summary>
public sealed class LocateTests : IDisposable
{
    private readonly TempDirectory _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task Located_Read_AreTheRightBytes()
    {
        await using SegmentPageStore store = await OpenAsync();
        store.Put(Key(), 0, 3 * Grid);

        PageLocation location = Locate(store, Key(), Grid + 5, 100, LocateMode.Wait);
        using SegmentFile file = Open(store, location);

        Assert.Equal((Grid, Grid), (location.Offset, location.Length));
        Assert.Equal(SegmentRead.Right, Read(file, location, Key()));
    }

    [Fact]
    public async Task Unchecked_WithoutWaiting_AreNotTold()
    {
        await using SegmentPageStore store = await OpenAsync();
        store.Put(Key(), 0, 2 * Grid);
        store.ReadChecked(Key(), 0, 10);

        Assert.True(store.TryLocate(Key(), 0, 10, LocateMode.Warm, out _));
        Assert.False(store.TryLocate(Key(), Grid, 10, LocateMode.Warm, out _));
        Assert.False(store.TryLocate(Key(), Grid, 10, LocateMode.Ahead, out _));
        Assert.True(store.TryLocate(Key(), Grid, 10, LocateMode.Wait, out PageLocation both));
        Assert.Equal((0, 2 * Grid), (both.Offset, both.Length));
    }

    [Fact]
    public async Task Removed_ReadLater_IsNoticed()
    {
        await using SegmentPageStore store = await OpenAsync();
        store.Put(Key(), 0, Grid);
        store.Put(Key(file: 2), 0, Grid);
        PageLocation location = Locate(store, Key(), 0, Grid, LocateMode.Wait);
        using SegmentFile file = Open(store, location);

        store.RemovePage(Key());

        Assert.Equal(SegmentRead.Changed, Read(file, location, Key()));
    }

    [Fact]
    public async Task Segment_Deleted_TakesNoSpaceThroughAHandleThatIsOpen()
    {
        await using SegmentPageStore store = await OpenAsync();
        store.Put(Key(), 0, Grid);
        PageLocation location = Locate(store, Key(), 0, Grid, LocateMode.Wait);
        using SafeFileHandle handle = store.OpenSegment(location.Segment)!;
        using var file = new SegmentFile(handle, 0);
        Assert.Throws<UnauthorizedAccessException>(() => RandomAccess.Write(handle, [1], 0));

        store.Put(Key(file: 2), 0, 16 * Grid);
        store.Remove(Id(1), FileVersion.None);

        Assert.Equal(0, RandomAccess.GetLength(handle));
        Assert.Equal(SegmentRead.Changed, Read(file, location, Key()));
        Assert.Null(store.OpenSegment(location.Segment));
    }

    [Fact]
    public async Task Restarted_LocationsOfTheLifeBefore_HoldUntilTheirBytesGo()
    {
        PageLocation location;
        SegmentFile file;
        await using (SegmentPageStore store = await OpenAsync())
        {
            store.Put(Key(), 0, Grid);
            store.Put(Key(file: 2), 0, Grid);
            location = Locate(store, Key(), 0, Grid, LocateMode.Wait);
            file = Open(store, location);
        }

        using (file)
        {
            await using SegmentPageStore again = await OpenAsync();
            Assert.Equal(SegmentRead.Right, Read(file, location, Key()));
            PageLocation now = Locate(again, Key(), 0, Grid, LocateMode.Wait);
            Assert.Equal((location.Position, location.Epoch), (now.Position, now.Epoch));

            again.RemovePage(Key());
            Assert.Equal(SegmentRead.Changed, Read(file, location, Key()));
        }
    }

    [Fact]
    public async Task Epoch_ThatCannotBeWritten_KeepsTheBytes()
    {
        var device = new FaultyPageDevice();
        await using SegmentPageStore store = await SegmentStores.OpenAsync(Options(), TimeProvider.System, device);
        store.Put(Key(), 0, Grid);
        store.Put(Key(file: 2), 0, Grid);
        PageLocation location = Locate(store, Key(), 0, Grid, LocateMode.Wait);
        using SegmentFile file = Open(store, location);

        device.OnWrite = static _ => throw new IOException("no space left", 28);
        store.RemovePage(Key());

        Assert.Equal(SegmentRead.Right, Read(file, location, Key()));
    }

    [Fact]
    public async Task Pages_UsedByLocationAlone_OutliveAScan()
    {
        await using SegmentPageStore store = await OpenAsync(capacity: 8 << 20);
        const int Hot = 16;
        for (uint i = 0; i < Hot; i++)
        {
            store.Put(Key(index: i), 0, Grid);
            store.Put(Key(file: 2, index: i), 0, Grid);
        }

        for (uint i = 0; i < 400; i++)
        {
            for (uint hot = 0; hot < Hot && i % 2 == 0; hot++)
            {
                store.TryLocate(Key(index: hot), 0, Grid, i == 0 ? LocateMode.Wait : LocateMode.Warm, out _);
            }

            store.Put(Key(file: 3, index: i), 0, Grid);
        }

        int kept = Enumerable.Range(0, Hot).Count(i => store.Probe(Key(index: (uint)i), 0, Grid) == Grid);
        int unused = Enumerable.Range(0, Hot).Count(i => store.Probe(Key(file: 2, index: (uint)i), 0, Grid) == Grid);
        Assert.True(kept >= Hot * 3 / 4 && unused < Hot / 2, $"{kept} of {Hot} used pages are there, and {unused} of the others");
    }

    private PageStoreOptions Options(long capacity = 32 << 20) =>
        new() { Directory = _temporary.Path, CapacityBytes = capacity, SegmentBytes = 512 * 1024, ScrubBytesPerSecond = 1 };

    private Task<SegmentPageStore> OpenAsync(long capacity = 32 << 20) => SegmentStores.OpenAsync(Options(capacity));

    private static PageLocation Locate(SegmentPageStore store, PageKey page, int offset, int length, LocateMode mode)
    {
        Assert.True(store.TryLocate(page, offset, length, mode, out PageLocation location));
        return location;
    }

    private static SegmentFile Open(SegmentPageStore store, in PageLocation location) => new(store.OpenSegment(location.Segment)!, 0);

    private static SegmentRead Read(SegmentFile file, in PageLocation location, PageKey page)
    {
        byte[] bytes = new byte[location.Length];
        SegmentRead read = file.Read(location, 0, bytes, 0);
        Assert.True(read != SegmentRead.Right || AreRight(page, (int)(location.Offset % StorePage.Size), bytes));
        return read;
    }
}
