using Dora.Storage.Pages.Index;
using Dora.Storage.Pages.Records;
using Dora.Storage.Pages.Recovery;
using Dora.Storage.Pages.Segments;
using Dora.Storage.Pages.Volumes;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Pages;

/// <summary>
/// Pages in append-only segment files with a compact index in memory (docs/page-store.md). Reads take no lock and go straight from the system's page cache
/// to the caller; they complete before the call returns, and so do writes: callers that must not wait for a disk call from a thread that may.
/// </summary>
public sealed class SegmentPageStore : IPageStore
{
    private readonly TaskCompletionSource _recovered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _stop = new();
    private readonly StoreContext _store;
    private readonly StoreParts _parts;
    private readonly CallGate _writers = new(nameof(SegmentPageStore));
    private readonly Task _background;
    private int _closed;

    private SegmentPageStore(StoreContext store, StoreParts parts)
    {
        (_store, _parts) = (store, parts);
        _background = Task.Run(RunAsync);
    }

    /// <inheritdoc/>
    public PageStoreStatistics Statistics => _parts.Statistics(_store);

    /// <summary>Completes when all that is on the disks is known.</summary>
    internal Task WhenRecovered => _recovered.Task;

    /// <summary>The background's work, for tests that step the clock.</summary>
    internal StoreMaintenance Maintenance => _parts.Maintenance;

    private bool IsClosed => Volatile.Read(ref _closed) != 0;

    /// <summary>Opens the directories: locks them, reads the headers of what is there, and drops what does not fit under the cap. Recovery goes on behind.</summary>
    /// <param name="options">Where and how much.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where the store speaks; nowhere when <see langword="null"/>.</param>
    /// <exception cref="DoraException">
    /// <see cref="DoraErrorCode.Configuration"/>: a wrong option, a directory that cannot be used, is in use, or was written by a newer Dora.
    /// </exception>
    public static SegmentPageStore Open(PageStoreOptions options, TimeProvider time, ILogger<SegmentPageStore>? logger = null) =>
        Open(options, time, logger ?? NullLogger<SegmentPageStore>.Instance, new FilePageDevice());

    internal static SegmentPageStore Open(PageStoreOptions options, TimeProvider time, ILogger logger, IPageDevice device)
    {
        options.Validate();
        var store = new StoreContext(options, device, time, logger);
        StoreParts parts = StoreParts.Open(store);
        return new SegmentPageStore(store, parts);
    }

    /// <inheritdoc/>
    public int Read(PageKey page, int offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        int read = IsClosed ? 0 : _parts.Reader.Read(page, offset, destination);
        (read == destination.Length ? _store.Counters.Hits : _store.Counters.Misses).Add(read);
        return read;
    }

    /// <inheritdoc/>
    public bool TryLease(PageKey page, int offset, int length, LocateMode mode, out PageLease lease)
    {
        lease = default;
        if (IsClosed || !_parts.Reader.TryLease(page, offset, length, mode, out lease))
        {
            return false;
        }

        _store.Counters.Hits.Add(length);
        return true;
    }

    /// <inheritdoc/>
    public bool TryLocate(PageKey page, int offset, int length, LocateMode mode, out PageLocation location)
    {
        location = default;
        if (IsClosed || !_parts.Locator.TryLocate(page, offset, length, mode, out location))
        {
            return false;
        }

        if (mode != LocateMode.Ahead)
        {
            _store.Counters.Hits.Increment();
        }

        return true;
    }

    /// <inheritdoc/>
    public SafeFileHandle? OpenSegment(ulong segment)
    {
        if (IsClosed || _store.Segments[Segment.SlotOf(segment)] is not { } known || known.Key != segment)
        {
            return null;
        }

        try
        {
            return _store.Device.OpenToRead(known.File);
        }
        catch (Exception e) when (DiskErrors.IsFromDisk(e) || e is ObjectDisposedException)
        {
            // Deleted in this moment, or the process has no descriptor left: whoever asked reads otherwise.
            return null;
        }
    }

    /// <inheritdoc/>
    public int Probe(PageKey page, int offset, int length) =>
        IsClosed ? 0 : _store.Mounts.AnyExpires ? _parts.Reader.CoveredNow(page, offset, length) : _parts.Index.Covered(page, offset, length);

    /// <inheritdoc/>
    public HeldPages Held(FileId file) => IsClosed ? default : _parts.Index.Held(file, _parts.Reader.IsServable);

    /// <inheritdoc/>
    public PutOutcome Put(PageKey page, int offset, ReadOnlySpan<byte> data, PagePlacement placement)
    {
        if (!RecordHeader.IsExtent(offset, data.Length))
        {
            throw new ArgumentOutOfRangeException(nameof(offset), $"{data.Length} bytes at {offset}: not on the grid, empty, or beyond a page of {StorePage.Size}");
        }

        using CallGate.Pass pass = _writers.Enter();
        return _parts.Writer.Put(page, offset, data, placement);
    }

    /// <inheritdoc/>
    public long Remove(FileId file, FileVersion keep)
    {
        var dropped = new List<DroppedRecord>();
        using CallGate.Pass pass = _writers.Enter();
        _parts.Index.RemoveFile(file, keep, dropped);
        return _parts.Space.GiveBack(dropped);
    }

    /// <inheritdoc/>
    public long RemovePage(PageKey page)
    {
        var dropped = new List<DroppedRecord>();
        using CallGate.Pass pass = _writers.Enter();
        _parts.Index.RemovePage(page, dropped);
        return _parts.Space.GiveBack(dropped);
    }

    /// <inheritdoc/>
    public long RemoveMount(ushort mount, CancellationToken cancellationToken)
    {
        using CallGate.Pass pass = _writers.Enter();
        return _parts.RemoveMount(mount, cancellationToken);
    }

    /// <inheritdoc/>
    public long Pin(FileId file, bool pinned)
    {
        using CallGate.Pass pass = _writers.Enter();
        return _parts.Pin(_store, file, pinned);
    }

    /// <inheritdoc/>
    public void SetMountRules(IReadOnlyDictionary<ushort, PageMountRule> rules, double pinnedShare)
    {
        ArgumentNullException.ThrowIfNull(rules);
        _store.Mounts.SetRules(rules);
        _store.Mounts.PinnedLimit = (long)(Math.Clamp(pinnedShare, 0, 0.9) * _parts.Volumes.All.Sum(static e => e.Volume.Space.Capacity));
    }

    /// <summary>Waits for writers, writes a checkpoint, and closes the files. Reads miss from here on.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0)
        {
            return;
        }

        await _writers.CloseAsync().ConfigureAwait(false);
        await _stop.CancelAsync().ConfigureAwait(false);
        await _background.ConfigureAwait(false);
        await _parts.CloseAsync(_store, _recovered.Task.IsCompletedSuccessfully).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            _parts.Recover(_store, _stop.Token);
            _recovered.SetResult();
            await _parts.Maintenance.RunAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _recovered.TrySetCanceled();
        }
        catch (Exception e)
        {
            // What was found so far is served; without all of it known nothing is evicted in the background, but writers still make room.
            _store.Logger.MaintenanceFailed(e);
            _recovered.TrySetException(e);
        }
    }
}
