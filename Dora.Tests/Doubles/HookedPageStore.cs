using System.Collections.Concurrent;
using Dora.Storage.Pages;
using Dora.Storage.Pages.Volumes;

namespace Dora.Tests.Doubles;

/// <summary>A page store in front of another that lets a test act right after a look into it.</summary>
internal sealed class HookedPageStore(IPageStore inner) : IPageStore
{
    /// <summary>Runs after each probe, before its answer is seen; may throw.</summary>
    public Action? AfterProbe { get; set; }

    /// <summary>Awaited by each put.</summary>
    public Func<Task> BeforePut { get; set; } = static () => Task.CompletedTask;

    /// <summary>The placements of all puts.</summary>
    public ConcurrentQueue<PagePlacement> Placements { get; } = new();

    public PageStoreStatistics Statistics => inner.Statistics;

    public ValueTask<int> ReadAsync(PageKey page, int offset, Memory<byte> destination, CancellationToken cancellationToken) =>
        inner.ReadAsync(page, offset, destination, cancellationToken);

    public bool TryLease(PageKey page, int offset, int length, LocateMode mode, out PageLease lease) =>
        inner.TryLease(page, offset, length, mode, out lease);

    public int Probe(PageKey page, int offset, int length)
    {
        int there = inner.Probe(page, offset, length);
        AfterProbe?.Invoke();
        return there;
    }

    public async ValueTask<PutOutcome> PutAsync(PageKey page, int offset, ReadOnlyMemory<byte> data, PagePlacement placement, CancellationToken cancellationToken)
    {
        Placements.Enqueue(placement);
        await BeforePut();
        return await inner.PutAsync(page, offset, data, placement, cancellationToken);
    }

    public ValueTask<long> RemoveAsync(FileId file, FileVersion keep, CancellationToken cancellationToken) =>
        inner.RemoveAsync(file, keep, cancellationToken);

    public ValueTask<long> RemovePageAsync(PageKey page, CancellationToken cancellationToken) => inner.RemovePageAsync(page, cancellationToken);

    public ValueTask<long> RemoveMountAsync(ushort mount, CancellationToken cancellationToken) => inner.RemoveMountAsync(mount, cancellationToken);

    public ValueTask<long> PinAsync(FileId file, bool pinned, CancellationToken cancellationToken) => inner.PinAsync(file, pinned, cancellationToken);

    public void SetMountRules(IReadOnlyDictionary<ushort, PageMountRule> rules, double pinnedShare) => inner.SetMountRules(rules, pinnedShare);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
