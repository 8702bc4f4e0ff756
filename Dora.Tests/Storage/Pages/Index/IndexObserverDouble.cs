using System.Collections.Concurrent;
using Dora.Storage.Pages.Index;
using Dora.Storage.Pages.Records;

namespace Dora.Tests.Storage.Pages.Index;

/// <summary>A store that only counts: pins by place, records as they came.</summary>
internal sealed class IndexObserverDouble : IIndexObserver
{
    private readonly ConcurrentDictionary<RecordPlace, RecordId> _ids = new();
    private long _added;
    private long _pins;

    public ConcurrentDictionary<RecordPlace, int> PinsOf { get; } = new();

    public Func<RecordPlace, bool> Accepts { get; init; } = static _ => true;

    public long Added => Interlocked.Read(ref _added);

    public long Pins => Interlocked.Read(ref _pins);

    /// <summary>The entry that a place was last said to have.</summary>
    public RecordId IdOf(RecordPlace place) => _ids[place];

    public void Pin(RecordPlace place)
    {
        Interlocked.Increment(ref _pins);
        PinsOf.AddOrUpdate(place, 1, static (_, n) => n + 1);
    }

    public void Unpin(RecordPlace place)
    {
        Interlocked.Decrement(ref _pins);
        PinsOf.AddOrUpdate(place, -1, static (_, n) => n - 1);
    }

    public bool OnAdded(RecordId id, in PageKey page, in IndexedRecord record)
    {
        Interlocked.Increment(ref _added);
        _ids[record.Place] = id;
        return Accepts(record.Place);
    }
}
