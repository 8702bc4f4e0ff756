using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime;

/// <summary>The local silo's view of the membership table, and its own row in it.</summary>
internal sealed class MembershipOracle : IMembershipOracle, IDisposable
{
    private const string GossipCall = "membership";
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan RefreshDelay = TimeSpan.FromMilliseconds(10);

    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly IMembershipTable _table;
    private readonly ILocalSiloDetails _local;
    private readonly SystemCalls _system;
    private readonly ClusterMembershipOptions _options;
    private readonly IFatalErrorHandler _fatal;
    private readonly TimeProvider _time;
    private readonly ILogger<MembershipOracle> _log;
    private readonly Broadcast<ClusterMembershipSnapshot> _snapshots;
    private volatile IReadOnlyList<MembershipEntry> _entries = [];
    private volatile bool _leaving;

    public MembershipOracle(IMembershipTable table, ILocalSiloDetails local, SystemCalls system, IOptions<ClusterMembershipOptions> options, IFatalErrorHandler fatal, TimeProvider time, ILogger<MembershipOracle> log)
    {
        _table = table;
        _local = local;
        _system = system;
        _options = options.Value;
        _fatal = fatal;
        _time = time;
        _log = log;
        var self = new ClusterMember(local.SiloAddress, SiloStatus.Created, local.Name);
        _snapshots = new Broadcast<ClusterMembershipSnapshot>(
            new ClusterMembershipSnapshot(ImmutableDictionary<SiloAddress, ClusterMember>.Empty.Add(local.SiloAddress, self), MembershipVersion.MinValue));
        system.Handle(GossipCall, async (_, body) =>
        {
            await Refresh(new MembershipVersion(new WireReader(body).Long())).ConfigureAwait(false);
            return [];
        });
    }

    /// <summary>Called with each newer snapshot, before those who enumerate <see cref="MembershipUpdates"/> see it; one at a time.</summary>
    public event Action<ClusterMembershipSnapshot>? Changed;

    public ClusterMembershipSnapshot CurrentSnapshot => _snapshots.Current;

    public IAsyncEnumerable<ClusterMembershipSnapshot> MembershipUpdates => _snapshots.ReadAsync();

    public IReadOnlyList<MembershipEntry> CurrentEntries => _entries;

    public async Task InitializeAsync()
    {
        await _table.InitializeMembershipTable(true).ConfigureAwait(false);
        await RefreshOnceAsync().ConfigureAwait(false);
    }

    /// <summary>Enters the table. Former silos of the same endpoint are declared dead.</summary>
    public async Task JoinAsync(CancellationToken ct)
    {
        foreach (var former in CurrentSnapshot.Members.Values.Where(member => member.Status != SiloStatus.Dead && member.SiloAddress.IsPredecessorOf(_local.SiloAddress)))
            await TryKill(former.SiloAddress).ConfigureAwait(false);
        var now = _time.GetUtcNow().UtcDateTime;
        var row = new MembershipEntry
        {
            SiloAddress = _local.SiloAddress,
            SiloName = _local.Name,
            HostName = _local.DnsHostName,
            ProxyPort = _local.GatewayAddress.Endpoint.Port,
            Status = SiloStatus.Joining,
            StartTime = now,
            IAmAliveTime = now,
        };
        await ChangeAsync(data => data.TryGet(_local.SiloAddress) is null
            ? _table.InsertRow(row, data.Version.Next())
            : throw new OrleansException($"{_local.SiloAddress} is in the membership table already: another silo started on this endpoint at the same instant. Start again."), ct).ConfigureAwait(false);
    }

    /// <summary>Writes the local silo's status. From <see cref="SiloStatus.ShuttingDown"/> on, being dead is no surprise.</summary>
    public Task SetStatusAsync(SiloStatus status, CancellationToken ct)
    {
        _leaving |= status >= SiloStatus.ShuttingDown;
        return ChangeRowAsync(_local.SiloAddress, entry =>
        {
            entry.Status = status;
            entry.IAmAliveTime = _time.GetUtcNow().UtcDateTime;
            return true;
        }, ct);
    }

    public async ValueTask Refresh(MembershipVersion minimumVersion = default, CancellationToken cancellationToken = default)
    {
        if (minimumVersion == default)
            await RefreshOnceAsync().ConfigureAwait(false);
        while (CurrentSnapshot.Version < minimumVersion)
        {
            await RefreshOnceAsync().ConfigureAwait(false);
            if (CurrentSnapshot.Version < minimumVersion)
                await Task.Delay(RefreshDelay, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    public void Dispose() => _gate.Dispose();

    public Task<bool> TryKill(SiloAddress siloAddress) => ChangeRowAsync(siloAddress, static entry =>
    {
        entry.Status = SiloStatus.Dead;
        return true;
    }, CancellationToken.None);

    public Task<bool> SuspectAsync(SiloAddress silo, CancellationToken cancellationToken = default) => ChangeRowAsync(silo, Vote, cancellationToken);

    public Task PublishIAmAliveAsync() =>
        _table.UpdateIAmAlive(new MembershipEntry { SiloAddress = _local.SiloAddress, SiloName = _local.Name, HostName = _local.DnsHostName, IAmAliveTime = _time.GetUtcNow().UtcDateTime });

    public void Gossip()
    {
        if (!_options.UseLivenessGossip)
            return;
        var snapshot = CurrentSnapshot;
        var version = new WireWriter().Long(snapshot.Version.Value).ToArray();
        foreach (var member in snapshot.Members.Values.Where(member => member.Status is not SiloStatus.Dead && !member.SiloAddress.Equals(_local.SiloAddress)))
            _system.Tell(member.SiloAddress, GossipCall, version);
    }

    /// <summary>Changes one row. True when the silo is a member and the change was written, or there was nothing to write and the silo is dead.</summary>
    private async Task<bool> ChangeRowAsync(SiloAddress silo, Func<MembershipEntry, bool> change, CancellationToken ct)
    {
        var isDead = false;
        await ChangeAsync(async data =>
        {
            isDead = false;
            // A silo that was declared dead while it hung must not accuse the living when it wakes.
            if (data.TryGet(silo) is not { } row || data.TryGet(_local.SiloAddress)?.Item1.Status == SiloStatus.Dead)
                return true;
            isDead = row.Item1.Status == SiloStatus.Dead;
            if (isDead || !change(row.Item1))
                return true;
            isDead = row.Item1.Status == SiloStatus.Dead;
            return await _table.UpdateRow(row.Item1, row.Item2, data.Version.Next()).ConfigureAwait(false);
        }, ct).ConfigureAwait(false);
        return isDead;
    }

    // Reads, tries the change, and begins anew while somebody else was faster.
    private async Task ChangeAsync(Func<MembershipTableData, Task<bool>> change, CancellationToken ct)
    {
        for (var attempt = 1; !await change(await _table.ReadAll().ConfigureAwait(false)).ConfigureAwait(false); attempt++)
            await Task.Delay(RetryDelay * Math.Min(attempt, 10), _time, ct).ConfigureAwait(false);
        await RefreshOnceAsync().ConfigureAwait(false);
        Gossip();
    }

    private bool Vote(MembershipEntry entry)
    {
        var now = _time.GetUtcNow().UtcDateTime;
        var votes = (entry.SuspectTimes ?? []).Where(vote => now - vote.Item2 < _options.DeathVoteExpirationTimeout && !vote.Item1.Equals(_local.SiloAddress)).ToList();
        votes.Add(Tuple.Create(_local.SiloAddress, now));
        entry.SuspectTimes = votes;
        var staleAfter = _options.IAmAliveTablePublishTimeout * _options.NumMissedTableIAmAliveLimit;
        var active = _entries.Count(each => each.Status == SiloStatus.Active && now - each.IAmAliveTime < staleAfter);
        if (votes.Count >= Math.Min(_options.NumVotesForDeathDeclaration, (active + 1) / 2))
            entry.Status = SiloStatus.Dead;
        return true;
    }

    private async Task RefreshOnceAsync()
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            var data = await _table.ReadAll().ConfigureAwait(false);
            _entries = [.. data.Members.Select(row => row.Item1)];
            var version = new MembershipVersion(data.Version.Version);
            if (version <= CurrentSnapshot.Version)
                return;
            var snapshot = new ClusterMembershipSnapshot(_entries.ToImmutableDictionary(entry => entry.SiloAddress, entry => new ClusterMember(entry.SiloAddress, entry.Status, entry.SiloName)), version);
            if (!snapshot.Members.ContainsKey(_local.SiloAddress))
                snapshot = new ClusterMembershipSnapshot(snapshot.Members.Add(_local.SiloAddress, CurrentSnapshot.Members[_local.SiloAddress]), version);
            Announce(snapshot);
        }
        finally
        {
            _gate.Release();
        }
    }

    private void Announce(ClusterMembershipSnapshot snapshot)
    {
        _log.LogInformation("Membership: {Snapshot}", snapshot);
        Changed?.Invoke(snapshot);
        _snapshots.Publish(snapshot);
        if (snapshot.GetSiloStatus(_local.SiloAddress) == SiloStatus.Dead && !_leaving)
        {
            _leaving = true;
            _fatal.OnFatalException(this, "I have been told I am dead, so this silo will stop!");
        }
    }
}
