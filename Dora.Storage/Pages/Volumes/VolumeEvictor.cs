using Dora.Storage.Pages.Eviction;
using Dora.Storage.Pages.Index;
using Dora.Storage.Pages.Records;
using Dora.Storage.Pages.Segments;

namespace Dora.Storage.Pages.Volumes;

/// <summary>
/// Makes room in one directory: copies of what other workers own first, then record by record as the policy says, on a thread of its own between the marks, and on the writer's when that was not
/// fast enough. Where the file system cannot give parts of files back, by whole segments.
/// </summary>
internal sealed class VolumeEvictor : IDisposable
{
    /// <summary>Victims that could not be taken, after which a writer is told that the directory is full.</summary>
    private const int MaxRefusals = 100_000;

    /// <summary>After so many refusals what was put last may go too.</summary>
    private const int PatientRefusals = 16;

    /// <summary>A refusal where a whole segment was looked at.</summary>
    private const int WholeSegment = 1000;

    /// <summary>How long a writer that finds no room waits for the end of recovery.</summary>
    private static readonly TimeSpan RecoveryPatience = TimeSpan.FromSeconds(2);

    private readonly Lock _turn = new();
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly StoreContext _store;
    private readonly IPageIndex _index;
    private readonly RecordSpace _space;
    private readonly SegmentReclaimer _reclaimer;
    private readonly Thread _thread;
    private readonly CopyHand _copies;
    private RecordHand _mountHand;
    private volatile bool _stopped;
    private readonly ManualResetEventSlim _ready = new();

    public VolumeEvictor(StoreContext store, IPageIndex index, RecordSpace space, PageVolume volume)
    {
        (_store, _index, _space, Volume) = (store, index, space, volume);
        Walk = new RecordWalk(volume, index, store.Mounts);
        _copies = new CopyHand(store.Options.Belongs, volume.Space.Capacity);
        _reclaimer = new SegmentReclaimer(store, index, space, volume);
        volume.Filled = () => _wake.Set();
        _thread = new Thread(RunInBackground) { IsBackground = true, Name = "page eviction" };
        _thread.Start();
    }

    public PageVolume Volume { get; }

    public RecordWalk Walk { get; }

    /// <summary>All records are known: eviction may begin.</summary>
    public void Start()
    {
        _ready.Set();
        _wake.Set();
    }

    /// <summary>Evicts until so many bytes are free.</summary>
    public bool MakeRoom(long bytes)
    {
        // While recovery runs only what is new is known, and that would go first.
        _ready.Wait(RecoveryPatience);
        int refused = 0;
        long limit = Math.Min(MaxRefusals, 64 + (2 * Volume.Records));
        while (Volume.Space.Free < bytes)
        {
            lock (_turn)
            {
                Walk.SparesNewest = refused < PatientRefusals;
                refused += Volume.Space.Free >= bytes || EvictOne(bytes) ? 0 : Volume.CanPunch ? 1 : WholeSegment;
            }

            if (refused > limit || !Volume.Health.IsGood)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Evicts records of one mount until so many of its bytes are gone, or a number of steps was made.</summary>
    public bool ShrinkMount(ushort mount, long bytes, int steps)
    {
        lock (_turn)
        {
            long goal = _store.Mounts.BytesOf(mount) - bytes;
            for (int i = 0; i < steps && _store.Mounts.BytesOf(mount) > goal; i++)
            {
                if (Walk.TryNextRecord(ref _mountHand, out EvictionCandidate candidate, out IndexedRecord record)
                    && record.Mount == mount && !(record.Pinned && _store.Mounts.PinsHold))
                {
                    TryEvict(candidate);
                }
            }

            return _store.Mounts.BytesOf(mount) <= goal;
        }
    }

    public void Dispose()
    {
        _stopped = true;
        _wake.Set();
        _thread.Join();
        _wake.Dispose();
    }

    private bool EvictOne(long bytes)
    {
        if (!Volume.CanPunch)
        {
            return _reclaimer.TryReclaim(bytes);
        }

        if (_copies.TryChoose(Walk, Volume.Appended, out EvictionCandidate copy))
        {
            return TryEvict(copy);
        }

        if (!Volume.Policy.TryChoose(Walk, out EvictionCandidate victim))
        {
            return false;
        }

        bool evicted = TryEvict(victim);
        Volume.Policy.OnEvicted(victim, evicted);
        return evicted;
    }

    private bool TryEvict(in EvictionCandidate victim)
    {
        if (_store.Pins.IsPinned(victim.Place) || !_index.TryRemove(victim.Id, victim.Place, out DroppedRecord dropped))
        {
            return false;
        }

        _space.GiveBack(dropped.Record);
        Interlocked.Add(ref _store.Counters.Evicted, dropped.LastOfPage ? 1 : 0);
        return true;
    }

    private void RunInBackground()
    {
        while (!_stopped)
        {
            _wake.WaitOne();
            if (_ready.IsSet && Volume.Space.Used > Volume.Space.Cap * _store.Options.HighMark)
            {
                EvictToLowMark();
            }
        }
    }

    private void EvictToLowMark()
    {
        int refused = 0;
        long limit = Math.Min(MaxRefusals, 64 + (2 * Volume.Records));
        while (!_stopped && refused <= limit && Volume.Health.IsGood && Volume.Space.Used > Volume.Space.Cap * _store.Options.LowMark)
        {
            // One victim per turn: a writer in distress takes its turn between two.
            lock (_turn)
            {
                Walk.SparesNewest = true;
                refused += EvictOne(RecordHeader.SizeOf(StorePage.Size)) ? 0 : Volume.CanPunch ? 1 : WholeSegment;
            }
        }
    }
}
