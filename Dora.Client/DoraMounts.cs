using System.Collections.Immutable;
using Dora.Client.Cluster;
using Dora.Interfaces;

namespace Dora.Client;

/// <summary>The mounts and pins of a cluster. Safe for concurrent use; lives as long as its client.</summary>
public sealed class DoraMounts
{
    private readonly ClusterViewFollower _view;
    private readonly GrainCalls _calls;

    internal DoraMounts(ClusterViewFollower view, GrainCalls calls) => (_view, _calls) = (view, calls);

    /// <summary>The mounts as the client knows them now, ordered by path.</summary>
    public ImmutableArray<Mount> Current => _view.Current.Mounts.Mounts;

    /// <summary>The pins as the client knows them now, ordered by prefix.</summary>
    public ImmutableArray<Pin> Pins => _view.Current.Mounts.Pins;

    /// <summary>Asks the cluster for its mounts, ordered by path; they may be newer than <see cref="Current"/>.</summary>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="DoraException">Unavailable: no worker answered.</exception>
    public async Task<ImmutableArray<Mount>> ListAsync(CancellationToken cancellationToken = default)
    {
        MountTableView table = await _calls.RepeatAsync(
            "cannot list the mounts", static grains => grains.GetGrain<IMountTableGrain>(IMountTableGrain.Key).GetAsync(), cancellationToken).ConfigureAwait(false);
        return table.ToTable().Mounts;
    }

    /// <summary>Adds a mount; when the task ends, every worker and this client know it.</summary>
    /// <param name="path">Where it is seen, a Dora path.</param>
    /// <param name="ufs">The root in the store, for example <c>/srv/data</c> or <c>s3://bucket/data</c>.</param>
    /// <param name="fetchSize">Bytes that a miss fetches together, a power of two from 64 KiB to 16 MiB; 0 for the default of 1 MiB.</param>
    /// <param name="freshness"><c>immutable</c>, <c>validate-on-open</c> or <c>max-age 10m</c>; empty for at most a minute old.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The mount as it is now.</returns>
    /// <exception cref="DoraException">AlreadyExists, NotFound (no such directory in the store), Denied, InvalidPath, InvalidArgument or Unavailable.</exception>
    public Task<Mount> AddAsync(
        string path, string ufs, int fetchSize = 0, string freshness = "", CancellationToken cancellationToken = default) =>
        AddAsync(new MountView(path, ufs, fetchSize, freshness), cancellationToken);

    /// <summary>Adds a mount with rules for what is cached of it; when the task ends, every worker and this client know it.</summary>
    /// <param name="wanted">The mount; its <see cref="MountView.QuotaBytes"/> counts on each worker.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The mount as it is now.</returns>
    /// <exception cref="DoraException">AlreadyExists, NotFound (no such directory in the store), Denied, InvalidPath, InvalidArgument or Unavailable.</exception>
    public Task<Mount> AddAsync(MountView wanted, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        return SendAsync(MountView.From(wanted.ToMount()), "mount", cancellationToken);
    }

    /// <summary>Gives a mount that is there other options; its store stays. When the task ends, every worker and this client know them.</summary>
    /// <param name="changed">The mount with all its options as they are to be.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>The mount as it is now.</returns>
    /// <exception cref="DoraException">NotFound, AlreadyExists (of another store), InvalidPath, InvalidArgument or Unavailable.</exception>
    public Task<Mount> ChangeAsync(Mount changed, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(changed);
        return SendAsync(MountView.From(changed) with { IsChange = true }, "change the mount", cancellationToken);
    }

    /// <summary>Sets how much of a mount each worker caches, and how long.</summary>
    /// <param name="path">The mount's Dora path.</param>
    /// <param name="rules">The rules from now on; what is cached beyond them goes soon.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="DoraException">NotFound, InvalidPath, InvalidArgument or Unavailable.</exception>
    public Task SetRulesAsync(string path, CacheRules rules, CancellationToken cancellationToken = default)
    {
        string parsed = DoraPath.Parse(path).Value;
        return ChangeAsync(
            $"cannot change the mount '{parsed}'", table => table.SetRulesAsync(parsed, rules.QuotaBytes, rules.PageTtl, cancellationToken), cancellationToken);
    }

    /// <summary>Keeps what is cached at and below a path from eviction, up to a share of each worker's page capacity; nothing is loaded by this.</summary>
    /// <param name="path">A mount, a path below one, or one above mounts. A pin that is there gets the new share.</param>
    /// <param name="sharePercent">1 to <see cref="Pin.MaxTotalPercent"/>, which all pins together may have.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="DoraException">NotMounted, InvalidPath, InvalidArgument (also: too much is pinned) or Unavailable.</exception>
    public Task PinAsync(string path, int sharePercent = Pin.DefaultSharePercent, CancellationToken cancellationToken = default)
    {
        PinView pin = PinView.From(new PinView(path, sharePercent).ToPin());
        return ChangeAsync($"cannot pin '{pin.Prefix}'", table => table.PinAsync(pin, cancellationToken), cancellationToken);
    }

    /// <summary>Removes the pin at exactly a path.</summary>
    /// <param name="path">The path that was pinned.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="DoraException">NotFound, InvalidPath or Unavailable.</exception>
    public Task UnpinAsync(string path, CancellationToken cancellationToken = default)
    {
        string parsed = DoraPath.Parse(path).Value;
        return ChangeAsync($"cannot unpin '{parsed}'", table => table.UnpinAsync(parsed, cancellationToken), cancellationToken);
    }

    /// <summary>Removes a mount. Files of the store are not touched; the workers free what they cached of it.</summary>
    /// <param name="path">The mount's Dora path.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="DoraException">NotFound, InvalidPath or Unavailable.</exception>
    public Task RemoveAsync(string path, CancellationToken cancellationToken = default)
    {
        string parsed = DoraPath.Parse(path).Value;
        return ChangeAsync($"cannot remove the mount '{parsed}'", table => table.RemoveAsync(parsed, cancellationToken), cancellationToken);
    }

    private async Task<Mount> SendAsync(MountView wanted, string verb, CancellationToken cancellationToken)
    {
        string what = $"cannot {verb} '{wanted.Path}'";
        MountReply reply = await _calls.OnceAsync(
            what, grains => grains.GetGrain<IMountTableGrain>(IMountTableGrain.Key).AddAsync(wanted, cancellationToken), cancellationToken).ConfigureAwait(false);
        GrainCalls.Check(reply.Code, reply.Message, what);
        await _view.RefreshAsync(cancellationToken).ConfigureAwait(false);
        return reply.Table.ToTable().Mounts.FirstOrDefault(m => m.Path.Value == wanted.Path) ?? wanted.ToMount();
    }

    private async Task ChangeAsync(string what, Func<IMountTableGrain, Task<MountReply>> change, CancellationToken cancellationToken)
    {
        MountReply reply = await _calls.OnceAsync(
            what, grains => change(grains.GetGrain<IMountTableGrain>(IMountTableGrain.Key)), cancellationToken).ConfigureAwait(false);
        GrainCalls.Check(reply.Code, reply.Message, what);
        await _view.RefreshAsync(cancellationToken).ConfigureAwait(false);
    }
}
