using Dora.Storage.Pages.Eviction;
using Dora.Storage.Pages.Index;
using Dora.Storage.Pages.Records;
using Dora.Storage.Pages.Segments;
using Dora.Storage.Pages.Volumes;

namespace Dora.Storage.Pages.Recovery;

/// <summary>What a store does in the background, once a second: quarantined directories, a shrunken cap, expired pages, tidying, scrubbing, checkpoints.</summary>
internal sealed class StoreMaintenance
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan GrowPeriod = TimeSpan.FromSeconds(30);

    /// <summary>Records looked at per second, for expiry and for quotas.</summary>
    private const int ExpirySteps = 50_000;

    private readonly StoreContext _store;
    private readonly VolumeSet _volumes;
    private readonly PageReader _reader;
    private readonly Scrubber _scrubber;
    private readonly Checkpointer _checkpointer;
    private readonly List<SegmentReclaimer> _reclaimers;
    private readonly RecordHand[] _expiryHands;
    private long _grown;

    public StoreMaintenance(StoreContext store, IPageIndex index, RecordSpace space, VolumeSet volumes, PageReader reader, Checkpointer checkpointer)
    {
        (_store, _volumes, _reader, _checkpointer) = (store, volumes, reader, checkpointer);
        _scrubber = new Scrubber(store, volumes, reader);
        _reclaimers = [.. volumes.All.Select(e => new SegmentReclaimer(store, index, space, e.Volume))];
        _expiryHands = new RecordHand[volumes.All.Count];
        _grown = store.Time.GetTimestamp();
    }

    /// <summary>Runs until cancelled; never faults.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(Period, _store.Time);
        try
        {
            while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
            {
                await StepAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The store closes.
        }
    }

    /// <summary>One round.</summary>
    public async Task StepAsync(CancellationToken cancellationToken)
    {
        try
        {
            _volumes.Probe();
            Grow();
            DropExpired();
            FitQuotas();
            Tidy();
            _scrubber.Step(cancellationToken);
            if (_checkpointer.IsDue())
            {
                await _checkpointer.TryWriteAsync(closing: false, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            _store.Logger.MaintenanceFailed(e);
        }
    }

    private void Grow()
    {
        if (_store.Time.GetElapsedTime(_grown) < GrowPeriod)
        {
            return;
        }

        _grown = _store.Time.GetTimestamp();
        foreach (VolumeEvictor evictor in _volumes.All)
        {
            evictor.Volume.Space.Grow();
        }
    }

    private void DropExpired()
    {
        for (int i = 0; i < _expiryHands.Length && _store.Mounts.AnyExpires; i++)
        {
            uint now = _store.Now();
            for (int step = 0; step < ExpirySteps; step++)
            {
                if (!_volumes.All[i].Walk.TryNextRecord(ref _expiryHands[i], out EvictionCandidate candidate, out IndexedRecord record))
                {
                    break;
                }

                if (_store.Mounts.IsExpired(record.Mount, record.StoredAt, now))
                {
                    _reader.Expire(candidate.Id, record);
                }
            }
        }
    }

    /// <summary>A quota was lowered.</summary>
    private void FitQuotas()
    {
        foreach ((ushort mount, long bytes) in _store.Mounts.OverQuota())
        {
            foreach (VolumeEvictor evictor in _volumes.All)
            {
                if (evictor.ShrinkMount(mount, bytes, ExpirySteps))
                {
                    break;
                }
            }
        }
    }

    private void Tidy()
    {
        for (int i = 0; i < _reclaimers.Count; i++)
        {
            if (_volumes.All[i].Volume.Health.IsGood)
            {
                _reclaimers[i].Tidy();
            }
        }
    }
}
