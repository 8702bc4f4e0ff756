using Dora.Storage.Pages.Eviction;
using Dora.Storage.Pages.Index;
using Dora.Storage.Pages.Records;
using Dora.Storage.Pages.Recovery;
using Dora.Storage.Pages.SameHost;
using Dora.Storage.Pages.Volumes;

namespace Dora.Storage.Pages;

/// <summary>The parts of an open store and how they are put together.</summary>
internal sealed class StoreParts
{
    /// <summary>How long a close waits for leases. Files that are lent longer stay open until the process ends.</summary>
    private static readonly TimeSpan LeasePatience = TimeSpan.FromSeconds(5);

    private readonly StoreOpening _opening;
    private readonly Checkpointer _checkpointer;

    private StoreParts(StoreContext store, StoreOpening opening, IReadOnlyList<PageVolume> volumes)
    {
        _opening = opening;
        Space = new RecordSpace(store);
        store.Mounts.PinnedLimit = (long)(store.Options.PinnedShare * volumes.Sum(static v => v.Space.Capacity));
        Index = new PageIndex(Space, opening.Image);
        Volumes = new VolumeSet(store, Index, Space, [.. volumes.Select(v => new VolumeEvictor(store, Index, Space, v))]);
        Reader = new PageReader(store, Index, Space, Volumes);
        Locator = new RecordLocator(store, Reader);
        Writer = new RecordWriter(store, Index, Space, Volumes);
        _checkpointer = new Checkpointer(store, Index, Volumes);
        _checkpointer.Adopt(opening);
        Maintenance = new StoreMaintenance(store, Index, Space, Volumes, Reader, _checkpointer);
    }

    public PageIndex Index { get; }

    public RecordSpace Space { get; }

    public VolumeSet Volumes { get; }

    public PageReader Reader { get; }

    public RecordLocator Locator { get; }

    public RecordWriter Writer { get; }

    public StoreMaintenance Maintenance { get; }

    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>.</exception>
    public static StoreParts Open(StoreContext store)
    {
        var volumes = new List<PageVolume>();
        var opening = new StoreOpening(store);
        try
        {
            foreach (PageDirectoryOptions directory in store.Options.AllDirectories)
            {
                IEvictionPolicy policy = EvictionPolicies.Create(store.Options.Eviction, directory.CapacityBytes);
                volumes.Add(new PageVolume(store, new PageDirectory(directory.Path, store.Device), directory.CapacityBytes, policy));
            }

            opening.Run(volumes);
            return new StoreParts(store, opening, volumes);
        }
        catch (Exception e)
        {
            opening.Image?.Dispose();
            foreach (PageVolume volume in volumes)
            {
                volume.Close();
                volume.Directory.Dispose();
            }

            if (DiskErrors.IsFromDisk(e))
            {
                throw new DoraException(
                    DoraErrorCode.Configuration,
                    $"page directory '{string.Join("', '", store.Options.AllDirectories.Select(static d => d.Path))}' cannot be used: {e.Message}",
                    e);
            }

            throw;
        }
    }

    /// <summary>Finds out what the checkpoint does not know, and lets eviction begin.</summary>
    public void Recover(StoreContext store, CancellationToken cancellationToken)
    {
        var recovery = new StoreRecovery(store, Index, Space, Volumes);
        recovery.Run(_opening, cancellationToken);
        _opening.Image?.Dispose();
        foreach (VolumeEvictor evictor in Volumes.All)
        {
            evictor.Start();
            PageVolume volume = evictor.Volume;
            if (volume.Health.IsGood)
            {
                store.Logger.Opened(
                    volume.Directory.Path, Index.PageCount, volume.Segments.Length, volume.Space.Used, volume.Space.Capacity, store.Counters.Damaged);
            }
        }
    }

    public PageStoreStatistics Statistics(StoreContext store) => new(
        Index.PageCount,
        Volumes.All.Sum(static e => e.Volume.Space.Used),
        Volumes.All.Sum(static e => e.Volume.Space.Capacity),
        store.Counters.Hits.Value,
        store.Counters.Misses.Value,
        Interlocked.Read(ref store.Counters.Evicted),
        Interlocked.Read(ref store.Counters.Damaged),
        Volumes.All.Sum(static e => e.Volume.Failures.Count))
    {
        Stale = Interlocked.Read(ref store.Counters.Stale),
        Expired = Interlocked.Read(ref store.Counters.Expired),
        Dropped = Interlocked.Read(ref store.Counters.Dropped),
        ScrubbedBytes = Interlocked.Read(ref store.Counters.Scrubbed),
        MovedBytes = Interlocked.Read(ref store.Counters.Moved),
        ServedBytes = store.Counters.Hits.Sum + store.Counters.Misses.Sum,
        PinnedBytes = store.Mounts.PinnedBytes,
        IndexBytes = Index.MemoryBytes + Volumes.All.Sum(static e => e.Volume.Segments.Sum(static s => s.Records.MemoryBytes)),
        Checkpoints = _checkpointer.Written,
        Directories = [.. Volumes.All.Select(static e => Statistics(e.Volume))],
    };

    /// <summary>Drops the records that a mount brought.</summary>
    public long RemoveMount(ushort mount, CancellationToken cancellationToken)
    {
        long freed = 0;
        foreach (VolumeEvictor evictor in Volumes.All)
        {
            var hand = default(RecordHand);
            while (evictor.Walk.TryNextRecord(ref hand, out EvictionCandidate candidate, out IndexedRecord record))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (record.Mount == mount && Index.TryRemove(candidate.Id, candidate.Place, out DroppedRecord dropped))
                {
                    freed += Space.GiveBack(dropped.Record);
                }
            }
        }

        return freed;
    }

    /// <summary>Pins or unpins a file, as far as the share allows.</summary>
    public long Pin(StoreContext store, FileId file, bool pinned)
    {
        long changed = Index.SetPinned(file, pinned);
        long now = store.Mounts.BookPinned(pinned ? changed : -changed);
        if (!pinned || now <= store.Mounts.PinnedLimit)
        {
            return changed;
        }

        store.Mounts.BookPinned(-Index.SetPinned(file, pinned: false));
        return 0;
    }

    /// <summary>Writes the last checkpoint, when all is known, and lets go of the files.</summary>
    public async Task CloseAsync(StoreContext store, bool recovered)
    {
        foreach (VolumeEvictor evictor in Volumes.All)
        {
            evictor.Dispose();
        }

        if (recovered)
        {
            await _checkpointer.TryWriteAsync(closing: true, CancellationToken.None).ConfigureAwait(false);
        }

        // Whoever sends from a file must not find another one under its number.
        bool quiet = await store.Pins.WaitAsync(LeasePatience).ConfigureAwait(false);
        foreach (VolumeEvictor evictor in Volumes.All)
        {
            evictor.Volume.Health.Close();
            if (quiet)
            {
                evictor.Volume.Close();
            }

            evictor.Volume.Directory.Dispose();
        }

        if (!recovered)
        {
            _opening.Image?.Dispose();
        }
    }

    private static PageDirectoryStatistics Statistics(PageVolume volume) => new(
        volume.Directory.Path,
        volume.Space.Used,
        volume.Space.Cap,
        volume.Space.Capacity,
        volume.Segments.Length,
        volume.Records,
        volume.Health.IsQuarantined,
        volume.Health.Quarantines);
}
