namespace Dora.Storage.Pages.Eviction;

/// <summary>
/// The default: TinyLFU's rule (Einziger, Friedman, Manes, ACM ToS 2017) on an append-only log, where nothing can be moved. The newest 1 % of the log is the window.
/// A record that leaves it is the candidate: it stays only if it was used more often than the least used of a few old records that a hand passes; otherwise it goes
/// itself. Its own fill does not count, and with equal counts the old one stays: a scan or an epoch larger than the cache keeps a fixed part of itself cached instead
/// of chasing its own tail. Use is counted in the record's byte (<see cref="UseCount"/>) and, after eviction, in a <see cref="GhostTable"/>; all counts are halved
/// together when they have grown or much was put, so yesterday's favourites leave. <see cref="ContentWatch"/> ends the reign of contents that nobody reads.
/// Memory: 2 to 4 bytes per record beside the byte. No random numbers: the same calls give the same victims.
/// </summary>
internal sealed class FrequencyEviction(long capacityBytes) : IEvictionPolicy
{
    private const int WindowPercent = 1;

    /// <summary>A small cache's window has so many records: nobody should miss what was stored a moment ago.</summary>
    private const int WindowRecords = 4;


    /// <summary>Old records looked at for each victim; more when the candidate is so much used that a victim is worth looking for.</summary>
    private const int Sample = 8;

    private const int LongSample = 64;
    private const int TicksPerTurnover = 4;

    /// <summary>Halve when the old records were used this often on average; a higher limit tells popular pages better apart, and forgets slower.</summary>
    private const double MeanLimit = 6;

    private const int LongestAge = 8;

    /// <summary>The clock of <see cref="UseCount"/> has 16 ticks; records idle for longer are held at this many, lest they look fresh again.</summary>
    private const int IdleTicks = 14;

    /// <summary>A loaded page starts like one used so often: more than an old page that would go, less than <see cref="MeanLimit"/>, or a long load would age itself.</summary>
    private const int LoadedCount = 5;

    private readonly ContentWatch _watch = new(capacityBytes);
    private GhostTable _ghosts = new(0);
    private RecordHand _window;
    // Two hands half a log apart: records that came together (a load, a scan) are alike, and one hand would see nothing else for a long time.
    private readonly RecordHand[] _old = new RecordHand[2];
    private RecordHand _aging;
    private long _agingLeft;
    private long _agedAt;
    private double _mean;
    private long _put;
    private long _largest;
    private int _tick;
    private int _victimCount;

    public byte OnInsert(in PageKey page, int bytes, bool loaded)
    {
        long put = Interlocked.Add(ref _put, bytes);
        int tick = (int)(put / Math.Max(1, capacityBytes / TicksPerTurnover)) & UseCount.ClockMask;
        Volatile.Write(ref _tick, tick);
        if (bytes > Volatile.Read(ref _largest))
        {
            Volatile.Write(ref _largest, bytes);
        }

        return UseCount.New(loaded ? LoadedCount : 1, tick);
    }

    public void OnHit(ref byte state, in PageKey page) => UseCount.Hit(ref state, Volatile.Read(ref _tick));

    public bool TryChoose(IRecordWalk walk, out EvictionCandidate victim)
    {
        if (walk.Count > _ghosts.Capacity)
        {
            _ghosts = new GhostTable(walk.Count);
        }

        long now = Interlocked.Read(ref _put);
        _watch.Advance(now);
        Age(walk, now);
        bool renewing = _watch.IsRenewing(now);
        bool leaves = TryLeaveWindow(walk, out EvictionCandidate candidate, out int count);
        bool hasOld = TryFindOld(walk, renewing, leaves ? count - 1 : 0, out EvictionCandidate old, out int oldCount);
        if (leaves && !(hasOld && (renewing || count - 1 > oldCount)))
        {
            (victim, _victimCount) = (candidate, count);
            return true;
        }

        if (leaves)
        {
            UseCount.Set(ref walk.State(candidate.Id), count);
        }

        (victim, _victimCount) = (old, oldCount);
        return hasOld || TryTakeAny(walk, out victim);
    }

    public void OnEvicted(in EvictionCandidate victim, bool evicted)
    {
        if (evicted)
        {
            _ghosts.Add(GhostTable.Hash(victim.Page), _victimCount);
        }
    }

    /// <summary>The oldest record that has left the window and was not judged yet, and how often it was used, here and before.</summary>
    private bool TryLeaveWindow(IRecordWalk walk, out EvictionCandidate candidate, out int count)
    {
        long largest = Volatile.Read(ref _largest);
        if (walk.NewerBytes(_window) > WindowBytes(largest) + (2 * largest) + (capacityBytes / 10))
        {
            // After a start, or while the cache was filling: all these stay, without a contest.
            _window = walk.At(WindowBytes(largest) + largest);
            _old[1] = walk.At(capacityBytes / 2);
            while (TryMoveWindow(walk, out _))
            {
                // The few that the jump stopped in front of.
            }
        }

        bool leaves = TryMoveWindow(walk, out candidate);
        count = leaves ? Math.Min(UseCount.Of(walk.State(candidate.Id)) + _ghosts.CountOf(GhostTable.Hash(candidate.Page)), UseCount.Max) : 0;
        return leaves;
    }

    private bool TryMoveWindow(IRecordWalk walk, out EvictionCandidate passed)
    {
        RecordHand next = _window;
        bool leaves = walk.TryNext(ref next, out passed) && next.Laps == _window.Laps && walk.NewerBytes(next) >= WindowBytes(passed.Bytes);
        _window = leaves ? next : _window;
        return leaves;
    }

    private long WindowBytes(long recordBytes) =>
        Math.Max(capacityBytes * WindowPercent / 100, Math.Min(WindowRecords * recordBytes, capacityBytes / 4));

    /// <summary>Of the next records outside the window, the least used; while the contents are renewed, the one not used for the longest time.</summary>
    private bool TryFindOld(IRecordWalk walk, bool renewing, int limit, out EvictionCandidate old, out int count)
    {
        (old, count) = (default, 0);
        int least = int.MaxValue;
        for (int i = 0; i < Sample || (i < LongSample && least >= limit && limit > 0); i++)
        {
            ref RecordHand hand = ref _old[i % _old.Length];
            if (!walk.TryNext(ref hand, out EvictionCandidate seen))
            {
                break;
            }

            if (!hand.IsBefore(_window))
            {
                hand = default;
                continue;
            }

            ref byte state = ref walk.State(seen.Id);
            int used = UseCount.Of(state);
            int idle = UseCount.HoldIdle(ref state, _tick, IdleTicks);
            _mean += (used - _mean) / Math.Max(64, walk.Count / 4);
            _watch.See(idle < IdleTicks);
            int rank = renewing ? -idle : used;
            if (rank < least)
            {
                (old, count, least) = (seen, used, rank);
            }
        }

        return least != int.MaxValue;
    }

    /// <summary>All there is lies in the window.</summary>
    private bool TryTakeAny(IRecordWalk walk, out EvictionCandidate victim)
    {
        bool any = walk.TryNext(ref _old[0], out victim);
        _victimCount = any ? UseCount.Of(walk.State(victim.Id)) : 0;
        return any;
    }

    /// <summary>Halves all counts, a few at each call; fast enough that the halved and the others seldom meet.</summary>
    private void Age(IRecordWalk walk, long now)
    {
        if (_agingLeft == 0 && (_mean >= MeanLimit || now - _agedAt >= LongestAge * capacityBytes))
        {
            (_aging, _agingLeft, _agedAt) = (default, walk.Count, now);
            _mean /= 2;
            _ghosts.Halve();
        }

        for (long steps = Math.Max(64, walk.Count / 4096); steps > 0 && _agingLeft > 0; steps--, _agingLeft--)
        {
            if (!walk.TryNext(ref _aging, out EvictionCandidate seen) || _aging.Laps > 0)
            {
                _agingLeft = 0;
                return;
            }

            UseCount.Halve(ref walk.State(seen.Id));
        }
    }
}
