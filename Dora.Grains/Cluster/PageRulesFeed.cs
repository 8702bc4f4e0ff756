using Dora.Storage.Files;
using Dora.Storage.Pages;
using Microsoft.Extensions.Logging;

namespace Dora.Grains.Cluster;

/// <summary>
/// Brings the mounts' rules to this worker's page store: quotas, page TTLs and the share for pins at once; then, in the background, the pages of
/// mounts that are gone are freed, and files below a pin that is new or gone get their mark. What happened while the worker was down is made up for at its start.
/// </summary>
internal sealed class PageRulesFeed(IClusterWatch cluster, IPageStore pages, IFileCatalog catalog, FileTurns turns, ILogger<PageRulesFeed> log)
    : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    /// <summary>
    /// How many of the mounts that were removed last a start looks for: each is a pass over the page index. Pages of older ones are evicted as all others.
    /// </summary>
    internal const int MaxMissedMounts = 64;

    private readonly CancellationTokenSource _stopping = new();
    private MountTable _applied = MountTable.Empty;
    private Task _following = Task.CompletedTask;

    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(PageRulesFeed), ServiceLifecycleStage.BecomeActive, StartAsync, StopAsync);

    public void Dispose() => _stopping.Dispose();

    private Task StartAsync(CancellationToken cancellationToken)
    {
        // The rules count from the first page on that this worker serves or stores.
        MountTable mounts = cluster.Current.Mounts;
        SetRules(mounts);
        _following = Task.Run(() => FollowAsync(mounts), CancellationToken.None);
        return Task.CompletedTask;
    }

    private async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _following;
    }

    private async Task FollowAsync(MountTable mounts)
    {
        try
        {
            await TryApplyAsync(() => MakeUpAsync(mounts));
            _applied = mounts;
            while (true)
            {
                ClusterSnapshot current = await cluster.WaitForChangeAsync(long.MaxValue - 1, _applied.Version, _stopping.Token);
                SetRules(current.Mounts);
                MountTable before = _applied;
                await TryApplyAsync(() => ChangeAsync(before, current.Mounts));
                _applied = current.Mounts;
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stopping is the only way this loop is meant to end.
        }
    }

    private void SetRules(MountTable mounts) => pages.SetMountRules(
        mounts.Mounts.Where(static m => m.Id != 0).ToDictionary(static m => m.Id, static m => new PageMountRule(m.Rules.QuotaBytes, m.Rules.PageTtl)),
        mounts.Pins.Sum(static p => p.SharePercent) / 100.0);

    private async Task TryApplyAsync(Func<Task> apply)
    {
        try
        {
            await apply();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The rules are in force; what was cached before them leaves by eviction, or is looked at again at the next start.
            log.PageRulesNotApplied(e.Message);
        }
    }

    private async Task MakeUpAsync(MountTable now)
    {
        HashSet<ushort> live = [.. now.Mounts.Select(static m => m.Id)];
        IEnumerable<ushort> gone = Enumerable.Range(1, now.LastMountId).Reverse().Select(static id => (ushort)id).Where(id => !live.Contains(id));
        Remove(gone.Take(MaxMissedMounts));
        if (now.Pins.Length > 0)
        {
            await MarkAsync(now.Mounts.Select(static m => m.Ufs.Value), now);
        }
    }

    private async Task ChangeAsync(MountTable before, MountTable now)
    {
        Remove(before.Mounts.Select(static m => m.Id).Except(now.Mounts.Select(static m => m.Id)).Where(static id => id != 0));
        HashSet<string> changed = PinnedRoots(before);
        changed.SymmetricExceptWith(PinnedRoots(now));
        await MarkAsync(changed, now);
    }

    private static HashSet<string> PinnedRoots(MountTable table) =>
        table.Pins.SelectMany(p => table.UfsRootsAt(p.Prefix)).ToHashSet(StringComparer.Ordinal);

    private void Remove(IEnumerable<ushort> mounts)
    {
        foreach (ushort mount in mounts)
        {
            long freed = pages.RemoveMount(mount, _stopping.Token);
            if (freed > 0)
            {
                log.MountPagesFreed(mount, freed);
            }
        }
    }

    /// <summary>The files are found through the metadata that is remembered of them.</summary>
    private async Task MarkAsync(IEnumerable<string> roots, MountTable now)
    {
        foreach (FileMetadata file in roots.SelectMany(catalog.EnumerateUnder))
        {
            using FileTurn turn = await turns.TakeAsync(file.Id, _stopping.Token);
            pages.Pin(file.Id, now.PinOfUfs(file.UfsPath) is not null);
        }
    }
}
