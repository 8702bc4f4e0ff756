using Dora.Storage.Pages;
using static Dora.Tests.Storage.Pages.TestPages;

namespace Dora.Tests.Storage.Pages;

/// <summary>What every page store promises. An engine's tests derive from this class and say how to open one.</summary>
public abstract class PageStoreContractTests : IAsyncLifetime
{
    private IPageStore _store = null!;

    protected const long Capacity = 8 * 1024 * 1024;

    public async Task InitializeAsync() => _store = await OpenAsync(Capacity);

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        await CleanAsync();
    }

    /// <summary>Opens the store on the one directory of this test.</summary>
    protected abstract Task<IPageStore> OpenAsync(long capacityBytes);

    /// <summary>Bytes the store's files take on disk.</summary>
    protected abstract long DiskBytes();

    protected abstract Task CleanAsync();

    [Fact]
    public async Task Read_NothingPut_IsNotCached()
    {
        Assert.Equal(0, _store.ReadChecked(Key(), 0, 100));
        Assert.False(_store.LeaseChecked(Key(), 0, 100));
        Assert.Equal(0, _store.Probe(Key(), 0, 100));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(Grid)]
    [InlineData(Grid + 1)]
    [InlineData(1024 * 1024)]
    public async Task Put_Whole_AnyPartCanBeRead(int length)
    {
        Assert.Equal(PutOutcome.Stored, _store.Put(Key(), 0, length));
        foreach (int offset in new[] { 0, 1, length / 2, length - 1 }.Where(o => o < length))
        {
            Assert.Equal(length - offset, _store.ReadChecked(Key(), offset, length));
            Assert.True(_store.LeaseChecked(Key(), offset, length - offset));
            Assert.Equal(length - offset, _store.Probe(Key(), offset, length));
        }

        Assert.Equal(0, _store.ReadChecked(Key(), length, 10));
        Assert.False(_store.LeaseChecked(Key(), 0, length + 1));
    }

    [Fact]
    public async Task Put_Extents_ReadStopsAtTheGap()
    {
        _store.Put(Key(), 0, Grid);
        _store.Put(Key(), Grid, Grid);
        _store.Put(Key(), 3 * Grid, 100);
        Assert.Equal((2 * Grid) - 5, _store.ReadChecked(Key(), 5, 4 * Grid));
        Assert.Equal(0, _store.ReadChecked(Key(), 2 * Grid, 10));
        Assert.Equal(100, _store.ReadChecked(Key(), 3 * Grid, 200));
        Assert.Equal(2 * Grid, _store.Probe(Key(), 0, 4 * Grid));
        Assert.False(_store.LeaseChecked(Key(), 2 * Grid, 10));
        Assert.True(_store.LeaseChecked(Key(), Grid + 1, Grid - 1));
        Assert.Equal(1, _store.Statistics.Pages);
    }

    [Fact]
    public void Held_CountsEachByteOnce_AndNamesTheVersion()
    {
        Assert.Equal(default, _store.Held(Id(1)));
        _store.Put(Key(), 0, 2 * Grid);
        _store.Put(Key(), Grid, 2 * Grid);
        _store.Put(Key(), 5 * Grid, 100);
        _store.Put(Key(index: 3), 0, Grid);
        Assert.Equal(new HeldPages(new FileVersion(1), (4 * Grid) + 100), _store.Held(Id(1)));
        for (uint i = 4; i < 24; i++)
        {
            _store.Put(Key(index: i), 2 * Grid, Grid);
        }

        Assert.Equal((24 * Grid) + 100, _store.Held(Id(1)).Bytes);
        _store.Put(Key(version: 2), 0, 7);
        Assert.Equal(new HeldPages(new FileVersion(2), 7), _store.Held(Id(1)));
        _store.Remove(Id(1), FileVersion.None);
        Assert.Equal(default, _store.Held(Id(1)));
    }

    [Fact]
    public async Task Put_OverExtents_FillsTheGap()
    {
        _store.Put(Key(), Grid, Grid);
        Assert.Equal(PutOutcome.Stored, _store.Put(Key(), 0, 4 * Grid));
        Assert.Equal(4 * Grid, _store.ReadChecked(Key(), 0, 4 * Grid));
        Assert.True(_store.LeaseChecked(Key(), 0, 4 * Grid));
    }

    [Fact]
    public async Task Put_WhatIsThere_AlreadyStored()
    {
        _store.Put(Key(), 0, Grid);
        _store.Put(Key(), Grid, Grid);
        long bytes = _store.Statistics.Bytes;
        Assert.Equal(PutOutcome.AlreadyStored, _store.Put(Key(), 0, 2 * Grid));
        Assert.Equal(PutOutcome.AlreadyStored, _store.Put(Key(), Grid, Grid));
        Assert.Equal(bytes, _store.Statistics.Bytes);
    }

    [Fact]
    public async Task Put_AnotherVersion_DropsTheFirst()
    {
        _store.Put(Key(version: 1), 0, Grid);
        _store.Put(Key(version: 1, index: 5), 0, Grid);
        _store.Put(Key(version: 2), 0, Grid);
        Assert.Equal(0, _store.ReadChecked(Key(version: 1), 0, 1));
        Assert.Equal(0, _store.ReadChecked(Key(version: 1, index: 5), 0, 1));
        Assert.Equal(Grid, _store.ReadChecked(Key(version: 2), 0, Grid));
        Assert.Equal(1, _store.Statistics.Pages);
    }

    [Fact]
    public async Task Put_NotOnTheGrid_Throws()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _store.Put(Key(), 100, 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => _store.Put(Key(), 0, 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => _store.Put(Key(), Grid, StorePage.Size));
    }

    [Fact]
    public async Task Put_LargerThanTheStore_Full()
    {
        _store.Put(Key(1), 0, Grid);
        await _store.DisposeAsync();
        _store = await OpenAsync(PageStoreOptions.MinCapacityBytes);
        Assert.Equal(PutOutcome.Full, _store.Put(Key(2), 0, StorePage.Size));
        Assert.Equal(Grid, _store.ReadChecked(Key(1), 0, Grid));
    }

    [Fact]
    public async Task Put_MoreThanFits_EvictsAndKeepsTheCap()
    {
        for (uint i = 0; i < 200; i++)
        {
            Assert.Equal(PutOutcome.Stored, _store.Put(Key(index: i), 0, 2 * Grid));
            Assert.Equal(2 * Grid, _store.ReadChecked(Key(index: i), 0, 2 * Grid));
            Assert.InRange(DiskBytes(), 0, Capacity);
            Assert.InRange(_store.Statistics.Bytes, DiskBytes(), Capacity);
        }

        Assert.InRange(_store.Statistics.Pages, 30, 64);
        Assert.InRange(_store.Statistics.Evicted, 136, 170);
    }

    [Fact]
    public async Task Remove_File_DropsItsPagesOnly()
    {
        _store.Put(Key(1), 0, Grid);
        _store.Put(Key(1, index: 1), 0, Grid);
        _store.Put(Key(2), 0, Grid);
        Assert.InRange(_store.Remove(Id(1), FileVersion.None), 2 * Grid, 3 * Grid);
        Assert.Equal(0, _store.Remove(Id(1), FileVersion.None));
        Assert.Equal(0, _store.ReadChecked(Key(1), 0, 1));
        Assert.Equal(Grid, _store.ReadChecked(Key(2), 0, Grid));
        Assert.Equal(1, _store.Statistics.Pages);
    }

    [Fact]
    public async Task Remove_KeepingAVersion_DropsTheOthers()
    {
        _store.Put(Key(version: 1), 0, Grid);
        Assert.Equal(0, _store.Remove(Id(1), new FileVersion(1)));
        Assert.Equal(Grid, _store.ReadChecked(Key(version: 1), 0, Grid));
        Assert.InRange(_store.Remove(Id(1), new FileVersion(2)), Grid, 2 * Grid);
        Assert.Equal(0, _store.ReadChecked(Key(version: 1), 0, 1));
    }

    [Fact]
    public async Task Lease_WhileItsFileIsRemovedAndTheStoreRefilled_StaysIntactAndCounted()
    {
        byte[] buffer = new byte[Grid];
        _store.Put(Key(1), 0, Grid);
        Assert.True(_store.TryLease(Key(1), 0, Grid, LocateMode.Wait, out PageLease lease));
        _store.Remove(Id(1), FileVersion.None);
        for (uint i = 0; i < 300; i++)
        {
            _store.Put(Key(2, index: i), 0, Grid);
            Assert.InRange(_store.Statistics.Bytes, Grid, Capacity);
        }

        Assert.Equal(Grid, RandomAccess.Read(lease.File, buffer, lease.FileOffset));
        Assert.True(AreRight(Key(1), 0, buffer));
        lease.Dispose();
        Assert.Equal(0, _store.ReadChecked(Key(1), 0, 1));
    }

    [Fact]
    public async Task Everything_Leased_PutIsFullUntilALeaseEnds()
    {
        var leases = new List<PageLease>();
        uint index = 0;
        PutOutcome outcome;
        while ((outcome = _store.Put(Key(index: index), 0, 4 * Grid)) == PutOutcome.Stored)
        {
            Assert.True(_store.TryLease(Key(index: index++), 0, 1, LocateMode.Wait, out PageLease lease));
            leases.Add(lease);
            Assert.InRange(index, 1u, 100u);
        }

        Assert.Equal(PutOutcome.Full, outcome);
        leases.ForEach(static l => l.Dispose());
        Assert.Equal(PutOutcome.Stored, _store.Put(Key(index: index), 0, 4 * Grid));
    }

    [Fact]
    public async Task Reopen_AfterDispose_PagesAreThere()
    {
        for (uint i = 0; i < 20; i++)
        {
            _store.Put(Key(1, index: i), 0, Grid + (int)i);
        }

        _store.Put(Key(2, version: 1), 0, Grid);
        _store.Put(Key(2, version: 2), 0, Grid);
        _store.Put(Key(3), 0, Grid);
        _store.Remove(Id(3), FileVersion.None);
        await _store.DisposeAsync();
        _store = await OpenAsync(Capacity);
        for (uint i = 0; i < 20; i++)
        {
            Assert.Equal(Grid + (int)i, _store.ReadChecked(Key(1, index: i), 0, 2 * Grid));
        }

        Assert.Equal(0, _store.ReadChecked(Key(2, version: 1), 0, 1));
        Assert.Equal(Grid, _store.ReadChecked(Key(2, version: 2), 0, Grid));
        Assert.Equal(0, _store.ReadChecked(Key(3), 0, 1));
        Assert.Equal(0, _store.Statistics.Damaged);
        Assert.Equal(21, _store.Statistics.Pages);
        Assert.Equal(PutOutcome.Stored, _store.Put(Key(4), 0, Grid));
        Assert.Equal(Grid, _store.ReadChecked(Key(4), 0, Grid));
    }

    [Fact]
    public async Task Reopen_WithLessCapacity_FitsUnderIt()
    {
        for (uint i = 0; i < 60; i++)
        {
            _store.Put(Key(index: i), 0, 2 * Grid);
        }

        await _store.DisposeAsync();
        _store = await OpenAsync(2 * 1024 * 1024);
        Assert.InRange(DiskBytes(), 1024 * 1024, 2 * 1024 * 1024);
        Assert.Equal(2 * Grid, _store.ReadChecked(Key(index: 59), 0, 2 * Grid));
    }

    [Fact]
    public async Task AfterDispose_ReadsMissAndPutsThrow()
    {
        _store.Put(Key(), 0, Grid);
        await _store.DisposeAsync();
        Assert.Equal(0, _store.ReadChecked(Key(), 0, 1));
        Assert.False(_store.LeaseChecked(Key(), 0, 1));
        Assert.Throws<ObjectDisposedException>(() => _store.Put(Key(9), 0, Grid));
    }

    [Fact]
    public async Task Statistics_CountHitsAndMisses()
    {
        _store.Put(Key(), 0, Grid);
        _store.ReadChecked(Key(), 0, Grid);
        _store.ReadChecked(Key(), 0, Grid + 1);
        _store.ReadChecked(Key(2), 0, 1);
        Assert.Equal((1, 2), (_store.Statistics.Hits, _store.Statistics.Misses));
        Assert.Equal(Capacity, _store.Statistics.CapacityBytes);
    }
}
