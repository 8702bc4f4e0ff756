using Dora.Storage.Pages.Index;
using Dora.Storage.Pages.Records;
using Dora.Storage.Pages.Recovery;
using Dora.Storage.Pages.Segments;

namespace Dora.Storage.Pages.Volumes;

/// <summary>All directories of a store: which takes a page, and what happens when one fails.</summary>
internal sealed class VolumeSet(StoreContext store, IPageIndex index, RecordSpace space, IReadOnlyList<VolumeEvictor> evictors)
{
    /// <summary>So many records leave the index on the thread that met the error; more do so in the background, unreadable meanwhile.</summary>
    private const int SweepAtOnce = 10_000;

    private readonly long _capacity = evictors.Sum(static e => e.Volume.Space.Capacity);

    public IReadOnlyList<VolumeEvictor> All => evictors;

    /// <summary>A directory for a page, by capacity; always the same while none fails.</summary>
    /// <returns>The place in <see cref="All"/>; when that one cannot take the page, the ones behind it are next.</returns>
    public int Choose(in PageKey page)
    {
        if (evictors.Count == 1)
        {
            return 0;
        }

        ulong hash = (page.File.Low ^ (page.Index * 0x9E3779B97F4A7C15)) * 0xFF51AFD7ED558CCD;
        long point = (long)((hash >> 32) * (ulong)(_capacity >> 20) >> 32) << 20;
        for (int i = 0; i < evictors.Count; i++)
        {
            point -= evictors[i].Volume.Space.Capacity;
            if (point < 0)
            {
                return i;
            }
        }

        return evictors.Count - 1;
    }

    /// <summary>An exception came from a directory's disk. A broken one is quarantined.</summary>
    public void Failed(PageVolume volume, Exception reason)
    {
        if (!DiskErrors.IsBroken(reason))
        {
            return;
        }

        if (volume.Health.TryBreak())
        {
            store.Logger.Quarantined(volume.Directory.Path, reason.Message);
            if (volume.Records <= SweepAtOnce)
            {
                Sweep(volume);
            }
            else
            {
                _ = Task.Run(() => Sweep(volume));
            }
        }
    }

    /// <summary>Takes the records of a quarantined directory out of the index; its segments close behind the last reader.</summary>
    public void Sweep(PageVolume volume)
    {
        volume.Seal();
        foreach (Segment segment in volume.Segments)
        {
            foreach (SegmentEntry entry in segment.Records.Snapshot())
            {
                if (index.TryRemove(entry.Id, new RecordPlace(segment.Slot, entry.Step), out DroppedRecord dropped))
                {
                    space.GiveBack(dropped.Record);
                }
            }
        }
    }

    /// <summary>Tries the quarantined directories that are due. One that works again starts empty: what is on it may have been half written.</summary>
    public void Probe()
    {
        foreach (VolumeEvictor evictor in evictors)
        {
            PageVolume volume = evictor.Volume;
            if (volume.Health.IsProbeDue())
            {
                Probe(volume);
            }
        }
    }

    private void Probe(PageVolume volume)
    {
        try
        {
            // Records that a writer published while the directory broke, and segments that were just empty.
            Sweep(volume);
            volume.RetryRetire();
            if (!volume.Directory.IsPrepared)
            {
                volume.Directory.Lock();
            }

            if (volume.Segments.Length == 0 && volume.Directory.Works())
            {
                Prepare(volume);
                volume.Directory.Clear();
                volume.Space.Restart();
                volume.Health.Restore();
                store.Logger.Restored(volume.Directory.Path);
                return;
            }
        }
        catch (Exception e) when (DiskErrors.IsFromDisk(e) || e is DoraException)
        {
            volume.Failures.Add(e);
        }

        volume.Health.StillBroken();
    }

    /// <summary>A directory that failed when the store opened may hold what is not this store's.</summary>
    private void Prepare(PageVolume volume)
    {
        if (!volume.Directory.IsPrepared)
        {
            new StoreOpening(store).Prepare(volume);
        }
    }
}
