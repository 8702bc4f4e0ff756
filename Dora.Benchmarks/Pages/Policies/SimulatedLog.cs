using Dora.Storage.Pages.Eviction;
using Dora.Storage.Pages.Records;

namespace Dora.Benchmarks.Pages.Policies;

/// <summary>
/// The product's eviction policy over a log of records that lies in memory: what a directory of the page store does, without the disk. Pages are one byte
/// long, so that a capacity in bytes is one in pages.
/// </summary>
internal sealed class SimulatedLog : ICachePolicy, IRecordWalk
{
    private const int SegmentRecords = 16;
    private const int Free = -1;

    private readonly int _capacity;
    private readonly bool[] _cached;
    private readonly byte[] _states;

    // The page at each position of the log, and how many of a segment are live; a segment without any is passed over by _next.
    private readonly List<int> _log = [];
    private readonly List<int> _live = [];
    private readonly List<int> _next = [];
    private IEvictionPolicy _policy;

    internal SimulatedLog(IEvictionPolicy policy, int capacity, int pages)
    {
        (_policy, _capacity) = (policy, capacity);
        (_cached, _states) = (new bool[pages], new byte[pages]);
    }

    public int Count { get; private set; }

    long IRecordWalk.Count => Count;

    public bool Access(int page)
    {
        if (_cached[page])
        {
            _policy.OnHit(ref _states[page], Key(page));
            return true;
        }

        BringIn(page, loaded: false);
        return false;
    }

    private void BringIn(int page, bool loaded)
    {
        Shrink(_capacity - 1);
        _states[page] = _policy.OnInsert(Key(page), 1, loaded);
        Append(page);
    }

    /// <summary>Brings a page in before anyone reads it, as an explicit load does.</summary>
    internal void Load(int page)
    {
        if (!_cached[page])
        {
            BringIn(page, loaded: true);
        }
    }

    /// <summary>A restart: the policy forgets everything, the records and their bytes stay, unless the bytes are lost as well.</summary>
    internal void Restart(IEvictionPolicy policy, bool keepStates)
    {
        _policy = policy;
        if (!keepStates)
        {
            Array.Clear(_states);
        }
    }

    /// <summary>Evicts until so many pages are left.</summary>
    internal void Shrink(int pages)
    {
        while (Count > pages && _policy.TryChoose(this, out EvictionCandidate victim))
        {
            Remove(victim);
            _policy.OnEvicted(victim, evicted: true);
        }
    }

    internal bool Holds(int page) => _cached[page];

    public ref byte State(RecordId id) => ref _states[id.Value];

    public long NewerBytes(in RecordHand hand) => Math.Max(0, _log.Count - Position(hand));

    public RecordHand At(long newerBytes) => HandAt(Math.Max(0, _log.Count - newerBytes), 0);

    public bool TryNext(ref RecordHand hand, out EvictionCandidate candidate)
    {
        candidate = default;
        if (Count == 0)
        {
            return false;
        }

        long position = Position(hand);
        long laps = hand.Laps;
        while (true)
        {
            int segment = FirstLive((int)(position / SegmentRecords));
            if (segment >= _live.Count)
            {
                position = 0;
                laps++;
                continue;
            }

            position = Math.Max(position, (long)segment * SegmentRecords);
            long end = Math.Min(_log.Count, ((long)segment + 1) * SegmentRecords);
            for (; position < end; position++)
            {
                int page = _log[(int)position];
                if (page != Free)
                {
                    hand = HandAt(position + 1, laps);
                    candidate = new EvictionCandidate(new RecordId((uint)page), new RecordPlace(0, (uint)position), Key(page), 1);
                    return true;
                }
            }

            if (segment == _live.Count - 1)
            {
                position = 0;
                laps++;
            }
        }
    }

    private static long Position(in RecordHand hand) => ((long)hand.Sequence * SegmentRecords) + hand.NextStep;

    private static RecordHand HandAt(long position, long laps) =>
        new() { Laps = laps, Sequence = (ulong)(position / SegmentRecords), NextStep = (uint)(position % SegmentRecords) };

    private static PageKey Key(int page) => new(new FileId(0, (ulong)page * 0x9E3779B97F4A7C15), new FileVersion(1), (uint)page);

    private void Append(int page)
    {
        if (_log.Count % SegmentRecords == 0)
        {
            _live.Add(0);
            _next.Add(_next.Count);
        }

        _log.Add(page);
        _live[^1]++;
        _cached[page] = true;
        Count++;
    }

    private void Remove(in EvictionCandidate victim)
    {
        int position = (int)victim.Place.Step;
        int segment = position / SegmentRecords;
        _log[position] = Free;
        _cached[(int)victim.Id.Value] = false;
        Count--;
        if (--_live[segment] == 0 && segment < _live.Count - 1)
        {
            _next[segment] = segment + 1;
        }
    }

    private int FirstLive(int segment)
    {
        int first = segment;
        while (first < _next.Count && _next[first] != first)
        {
            first = _next[first];
        }

        while (segment < first)
        {
            (int after, _next[segment]) = (_next[segment], first);
            segment = after;
        }

        return first;
    }
}
