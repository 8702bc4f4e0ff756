using Dora.Storage.Pages;
using Dora.Storage.Pages.Eviction;
using Dora.Storage.Pages.Records;
using Dora.Storage.Pages.Segments;
using Dora.Storage.Pages.Volumes;
using Dora.Tests.Doubles;
using Microsoft.Extensions.Logging.Abstractions;
using static Dora.Tests.Storage.Pages.TestPages;

namespace Dora.Tests.Storage.Pages.Records;

/// <summary>When the bytes of records that left the index are given back.</summary>
public sealed class RecordSpaceTests : IDisposable
{
    private const int Size = 2 * RecordPlace.StepSize;

    private readonly TempDirectory _directory = new();
    private readonly PageDirectory _pages;
    private readonly PageVolume _volume;
    private readonly StoreContext _store;
    private readonly RecordSpace _space;

    public RecordSpaceTests()
    {
        const long Capacity = 4L << 30;
        var options = new PageStoreOptions { Directory = _directory.Path, CapacityBytes = Capacity, SegmentBytes = 1 << 30 };
        _store = new StoreContext(options, new FilePageDevice(), TimeProvider.System, NullLogger.Instance);
        _pages = new PageDirectory(_directory.Path, _store.Device);
        _volume = new PageVolume(_store, _pages, Capacity, EvictionPolicies.Create(EvictionPolicyKind.Fifo, Capacity));
        _space = new RecordSpace(_store);
    }

    public void Dispose()
    {
        _volume.Close();
        _pages.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public void GiveBack_Pinned_WaitsForTheLastPin()
    {
        IndexedRecord record = Store(0);
        _store.Pins.Pin(record.Place);
        _store.Pins.Pin(record.Place);
        _space.GiveBack(record);
        _store.Pins.Unpin(record.Place);
        Assert.Equal(1, _volume.Records);
        _store.Pins.Unpin(record.Place);
        Assert.Equal(0, _volume.Records);
    }

    /// <summary>
    /// The last reader of one record has let go, but its thread has not come to giving the bytes back, while another record of the same counter is read and leaves.
    /// </summary>
    [Fact]
    public void GiveBack_AnotherOfTheStripeLeavesUnderAReader_WaitsForThatReader()
    {
        IndexedRecord first = Store(0);
        uint second = first.Place.Step + 2;
        while (PagePins.StripeOf(first.Place with { Step = second }) != PagePins.StripeOf(first.Place))
        {
            second++;
        }

        IndexedRecord other = Store(second);
        Action<int> released = _store.Pins.Released!;
        bool interposed = false;
        _store.Pins.Released = stripe =>
        {
            if (!interposed)
            {
                interposed = true;
                _store.Pins.Pin(other.Place);
                _space.GiveBack(other);
            }

            released(stripe);
        };
        _store.Pins.Pin(first.Place);
        _space.GiveBack(first);
        _store.Pins.Unpin(first.Place);
        Assert.True(interposed);
        Assert.Equal(2, _volume.Records);
        _store.Pins.Unpin(other.Place);
        Assert.Equal(0, _volume.Records);
        Assert.False(_store.Pins.IsPinned(first.Place));
    }

    /// <summary>A record at a block or behind what is there; its bytes do not matter.</summary>
    private IndexedRecord Store(uint block)
    {
        Segment? active = _volume.Segments.LastOrDefault();
        if (active is not null && block > active.Length / RecordPlace.StepSize)
        {
            Assert.True(_volume.TryReserve((int)((block * (long)RecordPlace.StepSize) - active.Length), out Reservation filler));
            _volume.EndWrite(filler);
        }

        Assert.True(_volume.TryReserve(Size, out Reservation room));
        var record = new IndexedRecord(room.Place, 0, RecordPlace.StepSize, 0, false, 0, 0);
        Assert.True(block == 0 || record.Place.Step == block);
        Assert.True(_space.OnAdded(new RecordId(1), Key(), record));
        _volume.EndWrite(room);
        return record;
    }
}
