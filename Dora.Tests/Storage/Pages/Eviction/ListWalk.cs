using Dora.Storage.Pages.Eviction;
using Dora.Storage.Pages.Records;

namespace Dora.Tests.Storage.Pages.Eviction;

/// <summary>A log of records in a plain list, walked in the simplest way; every record is one byte in a segment of its own.</summary>
internal sealed class ListWalk : IRecordWalk
{
    private readonly SortedDictionary<ulong, int> _log = [];
    private readonly byte[] _states = new byte[10_000];
    private ulong _end;

    public long Count => _log.Count;

    public IEnumerable<int> Pages => _log.Values;

    public static PageKey Key(int page) => new(new FileId(1, (ulong)page), new FileVersion(1), (uint)page);

    public void Append(int page, byte state)
    {
        _states[page] = state;
        _log.Add(_end++, page);
    }

    public void Remove(in EvictionCandidate victim) => Assert.True(_log.Remove(victim.Place.Step));

    public bool TryNext(ref RecordHand hand, out EvictionCandidate candidate)
    {
        candidate = default;
        if (_log.Count == 0)
        {
            return false;
        }

        ulong from = hand.Sequence + hand.NextStep;
        bool wraps = !_log.Keys.Any(k => k >= from);
        ulong at = _log.Keys.First(k => wraps || k >= from);
        hand = new RecordHand { Laps = hand.Laps + (wraps ? 1 : 0), Sequence = at, NextStep = 1 };
        candidate = new EvictionCandidate(new RecordId((uint)_log[at]), new RecordPlace(0, (uint)at), Key(_log[at]), 1);
        return true;
    }

    public ref byte State(RecordId id) => ref _states[id.Value];

    public long NewerBytes(in RecordHand hand) => Math.Max(0, (long)_end - (long)(hand.Sequence + hand.NextStep));

    public RecordHand At(long newerBytes) => new() { Sequence = _end - (ulong)Math.Min((long)_end, newerBytes) };
}
