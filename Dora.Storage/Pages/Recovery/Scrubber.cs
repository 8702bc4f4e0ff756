using Dora.Storage.Pages.Eviction;
using Dora.Storage.Pages.Volumes;

namespace Dora.Storage.Pages.Recovery;

/// <summary>Reads all records again and again, slowly, and drops those that are damaged before somebody asks for them.</summary>
internal sealed class Scrubber(StoreContext store, VolumeSet volumes, PageReader reader)
{
    private readonly RecordHand[] _hands = new RecordHand[volumes.All.Count];
    private long _since = store.Time.GetTimestamp();
    private double _budget;

    /// <summary>Reads what the time since the last call allows, at most a second's worth.</summary>
    public void Step(CancellationToken cancellationToken)
    {
        long now = store.Time.GetTimestamp();
        double seconds = Math.Min(store.Time.GetElapsedTime(_since, now).TotalSeconds, 1);
        _since = now;
        _budget = Math.Min(_budget + (seconds * store.Options.ScrubBytesPerSecond), store.Options.ScrubBytesPerSecond);
        int idle = 0;
        for (int i = 0; _budget > 0 && idle < _hands.Length && !cancellationToken.IsCancellationRequested; i = (i + 1) % _hands.Length)
        {
            idle = ScrubNext(volumes.All[i], ref _hands[i]) ? 0 : idle + 1;
        }
    }

    private bool ScrubNext(VolumeEvictor evictor, ref RecordHand hand)
    {
        if (!evictor.Volume.Health.IsGood || !evictor.Walk.TryNextRecord(ref hand, out EvictionCandidate candidate, out _))
        {
            return false;
        }

        _budget -= candidate.Bytes;
        reader.Scrub(candidate.Id, candidate.Place);
        return true;
    }
}
