using Dora.Grains.ClusterStore;
using Dora.Interfaces;
using Microsoft.Extensions.Logging;

namespace Dora.Grains.Mounts;

/// <summary>
/// Changes the mount table: one turn at a time, and the store refuses a change made from an old table, so that even two activations of this grain
/// cannot lose a mount.
/// </summary>
[GrainType("dora.mounts")]
internal sealed class MountTableGrain(IMountStore store, MountChecks checks, IClusterState cluster, ILogger<MountTableGrain> log)
    : Grain, IMountTableGrain
{
    private const int Attempts = 3;

    public async Task<MountTableView> GetAsync() => MountTableView.From(await store.ReadAsync(CancellationToken.None));

    public async Task<MountReply> AddAsync(MountView mount, CancellationToken cancellationToken)
    {
        Mount wanted;
        try
        {
            wanted = mount.ToMount();
        }
        catch (DoraException e)
        {
            return Refused(e.Code, e.Message, await store.ReadAsync(cancellationToken));
        }

        MountTable table = await store.ReadAsync(cancellationToken);
        if (mount.IsChange)
        {
            return await ChangeAsync(current => MountChecks.Change(wanted, current), current => current.WithChanged(wanted), Describe(wanted), cancellationToken);
        }

        if ((MountChecks.AgainstTable(wanted, table)
            ?? await checks.AgainstStoreAsync(wanted, cancellationToken)) is { } problem)
        {
            return Refused(problem.Code, problem.Message, table);
        }

        return await ChangeAsync(
            current => MountChecks.AgainstTable(wanted, current),
            current => current.With(wanted),
            Describe(wanted),
            cancellationToken);
    }

    public async Task<MountReply> RemoveAsync(string path, CancellationToken cancellationToken)
    {
        if (!DoraPath.TryParse(path, out DoraPath parsed, out string? error))
        {
            return Refused(DoraErrorCode.InvalidPath, error, await store.ReadAsync(cancellationToken));
        }

        return await ChangeAsync(
            current => MountIsThere(parsed, current), current => current.WithoutMount(parsed), $"the mount at '{parsed}' is gone", cancellationToken);
    }

    public async Task<MountReply> SetRulesAsync(string path, long quotaBytes, TimeSpan pageTtl, CancellationToken cancellationToken)
    {
        CacheRules rules;
        DoraPath parsed;
        try
        {
            (parsed, rules) = (DoraPath.Parse(path), new CacheRules(quotaBytes, pageTtl).Validated());
        }
        catch (DoraException e)
        {
            return Refused(e.Code, e.Message, await store.ReadAsync(cancellationToken));
        }

        return await ChangeAsync(
            current => MountIsThere(parsed, current),
            current => current.WithRules(parsed, rules),
            $"the mount at '{parsed}' has {Describe(rules)}",
            cancellationToken);
    }

    public async Task<MountReply> PinAsync(PinView pin, CancellationToken cancellationToken)
    {
        Pin wanted;
        try
        {
            wanted = pin.ToPin();
        }
        catch (DoraException e)
        {
            return Refused(e.Code, e.Message, await store.ReadAsync(cancellationToken));
        }

        return await ChangeAsync(
            current => MountChecks.AgainstTable(wanted, current),
            current => current.With(wanted),
            $"'{wanted.Prefix}' is pinned up to {wanted.SharePercent}%",
            cancellationToken);
    }

    public async Task<MountReply> UnpinAsync(string path, CancellationToken cancellationToken)
    {
        if (!DoraPath.TryParse(path, out DoraPath parsed, out string? error))
        {
            return Refused(DoraErrorCode.InvalidPath, error, await store.ReadAsync(cancellationToken));
        }

        return await ChangeAsync(
            current => current.Pins.Any(p => p.Prefix == parsed)
                ? null
                : (DoraErrorCode.NotFound, $"there is no pin at '{parsed}': see the pins (dora pins)"),
            current => current.WithoutPin(parsed),
            $"'{parsed}' is pinned no more",
            cancellationToken);
    }

    private static (DoraErrorCode Code, string Message)? MountIsThere(DoraPath path, MountTable table) =>
        table.Mounts.Any(m => m.Path == path) ? null : MountChecks.NoMount(path);

    private static string Describe(Mount mount) =>
        $"'{mount.Path}' is now '{mount.Ufs}' (fetched by {ByteSize.Text(mount.FetchSize)}, {mount.Freshness}, {Describe(mount.Rules)}, {mount.Replicas} replica{(mount.Replicas == 1 ? string.Empty : "s")})";

    private static string Describe(CacheRules rules) =>
        $"quota {(rules.QuotaBytes == 0 ? "none" : ByteSize.Text(rules.QuotaBytes))}, page TTL {(rules.PageTtl == TimeSpan.Zero ? "none" : Duration.Format(rules.PageTtl))}";

    private static MountReply Refused(DoraErrorCode code, string message, MountTable table) => new(code, message, MountTableView.From(table));

    private async Task<MountReply> ChangeAsync(
        Func<MountTable, (DoraErrorCode Code, string Message)?> check, Func<MountTable, MountTable> change, string what, CancellationToken cancellationToken)
    {
        for (int attempt = 0; attempt < Attempts; attempt++)
        {
            MountTable current = await store.ReadAsync(cancellationToken);
            if (check(current) is { } problem)
            {
                return Refused(problem.Code, problem.Message, current);
            }

            MountTable next = change(current);
            if (await store.TryReplaceAsync(next, cancellationToken))
            {
                log.MountsChanged(next.Version, what);
                await AnnounceAsync(next.Version, cancellationToken);
                return new MountReply(DoraErrorCode.None, null, MountTableView.From(next));
            }
        }

        return Refused(DoraErrorCode.Busy, "the mount table is being changed by others: try again", await store.ReadAsync(cancellationToken));
    }

    private Task AnnounceAsync(long version, CancellationToken cancellationToken) =>
        Task.WhenAll(cluster.Current.Workers.Select(w => AnnounceAsync(w.Id, version, cancellationToken)));

    private async Task AnnounceAsync(WorkerId worker, long version, CancellationToken cancellationToken)
    {
        try
        {
            await GrainFactory.GetGrain<IWorkerGrain>(worker.Value).RefreshMountsAsync(version, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The mount stands. A worker that is dying, or was just too slow, finds it by polling.
            log.MountAnnouncementFailed(worker.Value, version, e.Message);
        }
    }
}
