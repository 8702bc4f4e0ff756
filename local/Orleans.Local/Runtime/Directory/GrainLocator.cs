using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>A silo for a call's target; new when the target has no activation yet.</summary>
internal readonly record struct GrainPlace(SiloAddress Silo, bool IsNew);

/// <summary>Finds the silo of a grain: from what was found before, from the directory, else from the placement director.</summary>
internal sealed class GrainLocator
{
    public const string ForgetCall = "locator.forget";

    private readonly ConcurrentDictionary<GrainId, SiloAddress> _cache = new();
    private readonly ConcurrentDictionary<GrainId, Lazy<Task<GrainPlace>>> _searches = new();
    private readonly SiloCore _core;
    private readonly GrainDirectory _directory;
    private readonly GrainPlacement _placement;
    private readonly ActivationCatalog _catalog;
    private readonly int _cacheSize;
    private readonly ILogger<GrainLocator> _log;
    private readonly MembershipOracle _membership;
    private volatile ClusterMembershipSnapshot _members;
    private volatile Task _refresh = Task.CompletedTask;

    public GrainLocator(SiloCore core, GrainDirectory directory, GrainPlacement placement, ActivationCatalog catalog, MembershipOracle membership, IOptions<GrainDirectoryOptions> options, ILogger<GrainLocator> log)
    {
        _core = core;
        _directory = directory;
        _placement = placement;
        _catalog = catalog;
        _cacheSize = options.Value.CacheSize;
        _log = log;
        _membership = membership;
        _members = membership.CurrentSnapshot;
        membership.Changed += ForgetDead;
    }

    public SiloAddress? TryGetCached(GrainId grain) => _cache.GetValueOrDefault(grain);

    public void Forget(GrainId grain, SiloAddress silo) => _cache.TryRemove(new KeyValuePair<GrainId, SiloAddress>(grain, silo));

    /// <summary>Answers <see cref="ForgetCall"/>.</summary>
    public Task<byte[]> ForgetAsTold(ReadOnlyMemory<byte> body)
    {
        var reader = new WireReader(body);
        Forget(reader.Grain(), reader.Silo()!);
        return Task.FromResult(Array.Empty<byte>());
    }

    /// <summary>Looks for news in the membership table; many callers at once share one look.</summary>
    public async Task RefreshMembersAsync()
    {
        if (_refresh.IsCompleted)
            _refresh = _membership.Refresh().AsTask();
        try
        {
            await _refresh.ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _log.LogDebug(exception, "The membership table could not be read.");
        }
    }

    /// <summary>Calls to one grain search together.</summary>
    public async Task<GrainPlace> LocateAsync(Message message)
    {
        var search = _searches.GetOrAdd(message.Target, _ => new Lazy<Task<GrainPlace>>(() => SearchAsync(message)));
        try
        {
            return await search.Value.ConfigureAwait(false);
        }
        finally
        {
            _searches.TryRemove(new KeyValuePair<GrainId, Lazy<Task<GrainPlace>>>(message.Target, search));
        }
    }

    private async Task<GrainPlace> SearchAsync(Message message)
    {
        using var timeout = new CancellationTokenSource(message.TimeToLive, _core.Time);
        var model = _core.Application.Class(message.Target.Type)
            ?? throw new ArgumentException($"This silo has no grain class of type \"{message.Target.Type}\".");
        var listed = await _directory.LookupAsync(message.Target, timeout.Token).ConfigureAwait(false);
        if (listed is not null && IsLeftover(listed))
        {
            await _directory.UnregisterAsync(listed).ConfigureAwait(false);
            listed = null;
        }

        var place = listed is not null
            ? new GrainPlace(listed.SiloAddress!, false)
            : new GrainPlace(await _placement.ChooseAsync(model, message.Target, message.Interface, message.Context).ConfigureAwait(false), true);
        Remember(message.Target, place.Silo);
        return place;
    }

    // Listed here, yet not here: its unregistration was lost.
    private bool IsLeftover(GrainAddress listed) =>
        _core.Local.SiloAddress.Equals(listed.SiloAddress) && _catalog.Find(listed.GrainId)?.ActivationId != listed.ActivationId;

    private void Remember(GrainId grain, SiloAddress silo)
    {
        if (silo.Equals(_core.Local.SiloAddress))
            return;
        if (_cache.Count >= _cacheSize)
            _cache.Clear();
        _cache[grain] = silo;

        // It may have died since it was found.
        if (IsGone(silo))
            Forget(grain, silo);
    }

    private void ForgetDead(ClusterMembershipSnapshot snapshot)
    {
        _members = snapshot;
        foreach (var (grain, silo) in _cache)
        {
            if (IsGone(silo))
                Forget(grain, silo);
        }
    }

    private bool IsGone(SiloAddress silo) => _members.GetSiloStatus(silo) is SiloStatus.Dead or SiloStatus.None;
}
