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
        Assert.Equal(0, await _store.ReadCheckedAsync(Key(), 0, 100));
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
        Assert.Equal(PutOutcome.Stored, await _store.PutAsync(Key(), 0, length));
        foreach (int offset in new[] { 0, 1, length / 2, length - 1 }.Where(o => o < length))
        {
            Assert.Equal(length - offset, await _store.ReadCheckedAsync(Key(), offset, length));
            Assert.True(_store.LeaseChecked(Key(), offset, length - offset));
            Assert.Equal(length - offset, _store.Probe(Key(), offset, length));
        }

        Assert.Equal(0, await _store.ReadCheckedAsync(Key(), length, 10));
        Assert.False(_store.LeaseChecked(Key(), 0, length + 1));
    }

    [Fact]
    public async Task Put_Extents_ReadStopsAtTheGap()
    {
        await _store.PutAsync(Key(), 0, Grid);
        await _store.PutAsync(Key(), Grid, Grid);
        await _store.PutAsync(Key(), 3 * Grid, 100);
        Assert.Equal((2 * Grid) - 5, await _store.ReadCheckedAsync(Key(), 5, 4 * Grid));
        Assert.Equal(0, await _store.ReadCheckedAsync(Key(), 2 * Grid, 10));
        Assert.Equal(100, await _store.ReadCheckedAsync(Key(), 3 * Grid, 200));
        Assert.Equal(2 * Grid, _store.Probe(Key(), 0, 4 * Grid));
        Assert.False(_store.LeaseChecked(Key(), 2 * Grid, 10));
        Assert.True(_store.LeaseChecked(Key(), Grid + 1, Grid - 1));
        Assert.Equal(1, _store.Statistics.Pages);
    }

    [Fact]
    public async Task Put_OverExtents_FillsTheGap()
    {
        await _store.PutAsync(Key(), Grid, Grid);
        Assert.Equal(PutOutcome.Stored, await _store.PutAsync(Key(), 0, 4 * Grid));
        Assert.Equal(4 * Grid, await _store.ReadCheckedAsync(Key(), 0, 4 * Grid));
        Assert.True(_store.LeaseChecked(Key(), 0, 4 * Grid));
    }

    [Fact]
    public async Task Put_WhatIsThere_AlreadyStored()
    {
        await _store.PutAsync(Key(), 0, Grid);
        await _store.PutAsync(Key(), Grid, Grid);
        long bytes = _store.Statistics.Bytes;
        Assert.Equal(PutOutcome.AlreadyStored, await _store.PutAsync(Key(), 0, 2 * Grid));
        Assert.Equal(PutOutcome.AlreadyStored, await _store.PutAsync(Key(), Grid, Grid));
        Assert.Equal(bytes, _store.Statistics.Bytes);
    }

    [Fact]
    public async Task Put_AnotherVersion_DropsTheFirst()
    {
        await _store.PutAsync(Key(version: 1), 0, Grid);
        await _store.PutAsync(Key(version: 1, index: 5), 0, Grid);
        await _store.PutAsync(Key(version: 2), 0, Grid);
        Assert.Equal(0, await _store.ReadCheckedAsync(Key(version: 1), 0, 1));
        Assert.Equal(0, await _store.ReadCheckedAsync(Key(version: 1, index: 5), 0, 1));
        Assert.Equal(Grid, await _store.ReadCheckedAsync(Key(version: 2), 0, Grid));
        Assert.Equal(1, _store.Statistics.Pages);
    }

    [Fact]
    public async Task Put_NotOnTheGrid_Throws()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _store.PutAsync(Key(), 100, 10));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _store.PutAsync(Key(), 0, 0));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _store.PutAsync(Key(), Grid, StorePage.Size));
    }

    [Fact]
    public async Task Put_LargerThanTheStore_Full()
    {
        await _store.PutAsync(Key(1), 0, Grid);
        await _store.DisposeAsync();
        _store = await OpenAsync(PageStoreOptions.MinCapacityBytes);
        Assert.Equal(PutOutcome.Full, await _store.PutAsync(Key(2), 0, StorePage.Size));
        Assert.Equal(Grid, await _store.ReadCheckedAsync(Key(1), 0, Grid));
    }

    [Fact]
    public async Task Put_MoreThanFits_EvictsAndKeepsTheCap()
    {
        for (uint i = 0; i < 200; i++)
        {
            Assert.Equal(PutOutcome.Stored, await _store.PutAsync(Key(index: i), 0, 2 * Grid));
            Assert.Equal(2 * Grid, await _store.ReadCheckedAsync(Key(index: i), 0, 2 * Grid));
            Assert.InRange(DiskBytes(), 0, Capacity);
            Assert.InRange(_store.Statistics.Bytes, DiskBytes(), Capacity);
        }

        Assert.InRange(_store.Statistics.Pages, 30, 64);
        Assert.InRange(_store.Statistics.Evicted, 136, 170);
    }

    [Fact]
    public async Task Put_Cancelled_StoresNothing()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _store.PutAsync(Key(), 0, new byte[1], new CancellationToken(canceled: true)));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _store.ReadAsync(Key(), 0, new byte[1], new CancellationToken(canceled: true)));
        Assert.Equal(0, _store.Statistics.Pages);
    }

    [Fact]
    public async Task Remove_File_DropsItsPagesOnly()
    {
        await _store.PutAsync(Key(1), 0, Grid);
        await _store.PutAsync(Key(1, index: 1), 0, Grid);
        await _store.PutAsync(Key(2), 0, Grid);
        Assert.InRange(await _store.RemoveAsync(Id(1), FileVersion.None, CancellationToken.None), 2 * Grid, 3 * Grid);
        Assert.Equal(0, await _store.RemoveAsync(Id(1), FileVersion.None, CancellationToken.None));
        Assert.Equal(0, await _store.ReadCheckedAsync(Key(1), 0, 1));
        Assert.Equal(Grid, await _store.ReadCheckedAsync(Key(2), 0, Grid));
        Assert.Equal(1, _store.Statistics.Pages);
    }

    [Fact]
    public async Task Remove_KeepingAVersion_DropsTheOthers()
    {
        await _store.PutAsync(Key(version: 1), 0, Grid);
        Assert.Equal(0, await _store.RemoveAsync(Id(1), new FileVersion(1), CancellationToken.None));
        Assert.Equal(Grid, await _store.ReadCheckedAsync(Key(version: 1), 0, Grid));
        Assert.InRange(await _store.RemoveAsync(Id(1), new FileVersion(2), CancellationToken.None), Grid, 2 * Grid);
        Assert.Equal(0, await _store.ReadCheckedAsync(Key(version: 1), 0, 1));
    }

    [Fact]
    public async Task Lease_WhileItsFileIsRemovedAndTheStoreRefilled_StaysIntactAndCounted()
    {
        byte[] buffer = new byte[Grid];
        await _store.PutAsync(Key(1), 0, Grid);
        Assert.True(_store.TryLease(Key(1), 0, Grid, LocateMode.Wait, out PageLease lease));
        await _store.RemoveAsync(Id(1), FileVersion.None, CancellationToken.None);
        for (uint i = 0; i < 300; i++)
        {
            await _store.PutAsync(Key(2, index: i), 0, Grid);
            Assert.InRange(_store.Statistics.Bytes, Grid, Capacity);
        }

        Assert.Equal(Grid, RandomAccess.Read(lease.File, buffer, lease.FileOffset));
        Assert.True(AreRight(Key(1), 0, buffer));
        lease.Dispose();
        Assert.Equal(0, await _store.ReadCheckedAsync(Key(1), 0, 1));
    }

    [Fact]
    public async Task Everything_Leased_PutIsFullUntilALeaseEnds()
    {
        var leases = new List<PageLease>();
        uint index = 0;
        PutOutcome outcome;
        while ((outcome = await _store.PutAsync(Key(index: index), 0, 4 * Grid)) == PutOutcome.Stored)
        {
            Assert.True(_store.TryLease(Key(index: index++), 0, 1, LocateMode.Wait, out PageLease lease));
            leases.Add(lease);
            Assert.InRange(index, 1u, 100u);
        }

        Assert.Equal(PutOutcome.Full, outcome);
        leases.ForEach(static l => l.Dispose());
        Assert.Equal(PutOutcome.Stored, await _store.PutAsync(Key(index: index), 0, 4 * Grid));
    }

    [Fact]
    public async Task Reopen_AfterDispose_PagesAreThere()
    {
        for (uint i = 0; i < 20; i++)
        {
            await _store.PutAsync(Key(1, index: i), 0, Grid + (int)i);
        }

        await _store.PutAsync(Key(2, version: 1), 0, Grid);
        await _store.PutAsync(Key(2, version: 2), 0, Grid);
        await _store.PutAsync(Key(3), 0, Grid);
        await _store.RemoveAsync(Id(3), FileVersion.None, CancellationToken.None);
        await _store.DisposeAsync();
        _store = await OpenAsync(Capacity);
        for (uint i = 0; i < 20; i++)
        {
            Assert.Equal(Grid + (int)i, await _store.ReadCheckedAsync(Key(1, index: i), 0, 2 * Grid));
        }

        Assert.Equal(0, await _store.ReadCheckedAsync(Key(2, version: 1), 0, 1));
        Assert.Equal(Grid, await _store.ReadCheckedAsync(Key(2, version: 2), 0, Grid));
        Assert.Equal(0, await _store.ReadCheckedAsync(Key(3), 0, 1));
        Assert.Equal(0, _store.Statistics.Damaged);
        Assert.Equal(21, _store.Statistics.Pages);
        Assert.Equal(PutOutcome.Stored, await _store.PutAsync(Key(4), 0, Grid));
        Assert.Equal(Grid, await _store.ReadCheckedAsync(Key(4), 0, Grid));
    }

    [Fact]
    public async Task Reopen_WithLessCapacity_FitsUnderIt()
    {
        for (uint i = 0; i < 60; i++)
        {
            await _store.PutAsync(Key(index: i), 0, 2 * Grid);
        }

        await _store.DisposeAsync();
        _store = await OpenAsync(2 * 1024 * 1024);
        Assert.InRange(DiskBytes(), 1024 * 1024, 2 * 1024 * 1024);
        Assert.Equal(2 * Grid, await _store.ReadCheckedAsync(Key(index: 59), 0, 2 * Grid));
    }

    [Fact]
    public async Task AfterDispose_ReadsMissAndPutsThrow()
    {
        await _store.PutAsync(Key(), 0, Grid);
        await _store.DisposeAsync();
        Assert.Equal(0, await _store.ReadCheckedAsync(Key(), 0, 1));
        Assert.False(_store.LeaseChecked(Key(), 0, 1));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _store.PutAsync(Key(9), 0, Grid));
    }

    [Fact]
    public async Task Statistics_CountHitsAndMisses()
    {
        await _store.PutAsync(Key(), 0, Grid);
        await _store.ReadCheckedAsync(Key(), 0, Grid);
        await _store.ReadCheckedAsync(Key(), 0, Grid + 1);
        await _store.ReadCheckedAsync(Key(2), 0, 1);
        Assert.Equal((1, 2), (_store.Statistics.Hits, _store.Statistics.Misses));
        Assert.Equal(Capacity, _store.Statistics.CapacityBytes);
    }
}
