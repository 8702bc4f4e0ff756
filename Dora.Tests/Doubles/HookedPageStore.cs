using System.Collections.Concurrent;
using Dora.Storage.Pages;
using Dora.Storage.Pages.Volumes;
using Microsoft.Win32.SafeHandles;

namespace Dora.Tests.Doubles;

/// <summary>A page store in front of another that lets a test act right after a look into it.</summary>
internal sealed class HookedPageStore(IPageStore inner) : IPageStore
{
    /// <summary>Runs after each probe, before its answer is seen; may throw.</summary>
    public Action? AfterProbe { get; set; }

    /// <summary>Runs before each put; may wait.</summary>
    public Action? BeforePut { get; set; }

    /// <summary>The placements of all puts.</summary>
    public ConcurrentQueue<PagePlacement> Placements { get; } = new();

    public PageStoreStatistics Statistics => inner.Statistics;

    public int Read(PageKey page, int offset, Span<byte> destination) => inner.Read(page, offset, destination);

    public bool TryLease(PageKey page, int offset, int length, LocateMode mode, out PageLease lease) =>
        inner.TryLease(page, offset, length, mode, out lease);

    public int Probe(PageKey page, int offset, int length)
    {
        int there = inner.Probe(page, offset, length);
        AfterProbe?.Invoke();
        return there;
    }

    public HeldPages Held(FileId file) => inner.Held(file);

    public bool TryLocate(PageKey page, int offset, int length, LocateMode mode, out PageLocation location) =>
        inner.TryLocate(page, offset, length, mode, out location);

    public SafeFileHandle? OpenSegment(ulong segment) => inner.OpenSegment(segment);

    public PutOutcome Put(PageKey page, int offset, ReadOnlySpan<byte> data, PagePlacement placement)
    {
        Placements.Enqueue(placement);
        BeforePut?.Invoke();
        return inner.Put(page, offset, data, placement);
    }

    public long Remove(FileId file, FileVersion keep) => inner.Remove(file, keep);

    public long RemovePage(PageKey page) => inner.RemovePage(page);

    public long RemoveMount(ushort mount, CancellationToken cancellationToken) => inner.RemoveMount(mount, cancellationToken);

    public long Pin(FileId file, bool pinned) => inner.Pin(file, pinned);

    public void SetMountRules(IReadOnlyDictionary<ushort, PageMountRule> rules, double pinnedShare) => inner.SetMountRules(rules, pinnedShare);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
