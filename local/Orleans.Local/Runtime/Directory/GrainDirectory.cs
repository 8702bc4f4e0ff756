using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>
/// Where grains live. Each active silo answers for its part of the ring. After a change of members, a silo whose part grew asks every living silo for the activations that belong to it and
/// answers nothing until it has heard from all: activations survive the loss of the silo that listed them.
/// </summary>
internal sealed class GrainDirectory
{
    private const string Call = "directory";
    private const string RecoverCall = "directory.recover";
    private const string DuplicateCall = "directory.duplicate";
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly Dictionary<GrainId, GrainAddress> _entries = [];
    private readonly SiloCore _core;
    private readonly SystemCalls _system;
    private readonly MembershipOracle _membership;
    private readonly ActivationCatalog _catalog;
    private readonly ILogger<GrainDirectory> _log;
    private DirectoryRing _ring;
    private Task _recovery = Task.CompletedTask;

    public GrainDirectory(SiloCore core, SystemCalls system, MembershipOracle membership, ActivationCatalog catalog, ILogger<GrainDirectory> log)
    {
        _core = core;
        _system = system;
        _membership = membership;
        _catalog = catalog;
        _log = log;
        _ring = new DirectoryRing(membership.CurrentSnapshot);
        membership.Changed += OnMembershipChanged;
        system.Handle(Call, async (_, body) => (await ExecuteAsync(DirectoryRequest.Read(body)).ConfigureAwait(false)).ToArray());
        system.Handle(RecoverCall, (sender, body) => ListFor(sender!, body));
        system.Handle(DuplicateCall, (_, body) => DropDuplicate(body));
    }

    private enum Operation : byte
    {
        Lookup,
        Register,
        Unregister,
    }

    /// <summary>No part of the directory is being rebuilt here.</summary>
    public bool IsSettled
    {
        get
        {
            lock (_lock)
                return _recovery.IsCompletedSuccessfully;
        }
    }

    private SiloAddress Local => _core.Local.SiloAddress;

    public Task<GrainAddress?> LookupAsync(GrainId grain, CancellationToken ct) =>
        AskOwnerAsync(new DirectoryRequest(Operation.Lookup, default, grain, null, null), ct);

    /// <summary>Lists an activation unless another one is listed already; <paramref name="previous"/> is replaced. Returns the one listed now.</summary>
    public async Task<GrainAddress> RegisterAsync(GrainAddress address, GrainAddress? previous, CancellationToken ct)
    {
        while (true)
        {
            var ring = Ring();
            var winner = await AskOwnerAsync(new DirectoryRequest(Operation.Register, default, address.GrainId, address, previous), ct).ConfigureAwait(false);

            // An owner that took over meanwhile may have asked for our activations before this one was among them.
            if (Equals(ring.Owner(address.GrainId), Ring().Owner(address.GrainId)))
                return winner!;
        }
    }

    /// <summary>Best effort: a leftover is found and removed by the next call to the grain.</summary>
    public async Task UnregisterAsync(GrainAddress address)
    {
        using var timeout = new CancellationTokenSource(CallTimeout, _core.Time);
        try
        {
            await AskOwnerAsync(new DirectoryRequest(Operation.Unregister, default, address.GrainId, address, null), timeout.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _log.LogDebug(exception, "{Address} stays listed.", address);
        }
    }

    private DirectoryRing Ring()
    {
        lock (_lock)
            return _ring;
    }

    private async Task<GrainAddress?> AskOwnerAsync(DirectoryRequest request, CancellationToken ct)
    {
        while (true)
        {
            ct.ThrowIfCancellationRequested();
            var ring = Ring();
            var owner = ring.Owner(request.Grain) ?? throw new SiloUnavailableException("No silo is active.");
            try
            {
                var answer = owner.Equals(Local)
                    ? await ExecuteAsync(request with { Version = ring.Version }).WaitAsync(ct).ConfigureAwait(false)
                    : DirectoryAnswer.Read(await _system.CallAsync(owner, Call, (request with { Version = ring.Version }).ToArray(), CallTimeout, ct).ConfigureAwait(false));
                if (answer.IsOwner)
                    return answer.Address;
                await _membership.Refresh(answer.Version, ct).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is TimeoutException or OrleansException && !ct.IsCancellationRequested)
            {
                // The owner is going or coming: membership tells who is next.
                _log.LogDebug(exception, "Directory owner {Owner} did not answer.", owner);
                await Task.Delay(RetryDelay, _core.Time, ct).ConfigureAwait(false);
            }
        }
    }

    private async Task<DirectoryAnswer> ExecuteAsync(DirectoryRequest request)
    {
        if (request.Version > Ring().Version)
            await _membership.Refresh(request.Version).ConfigureAwait(false);
        while (true)
        {
            Task recovery;
            lock (_lock)
            {
                if (!Local.Equals(_ring.Owner(request.Grain)))
                    return new DirectoryAnswer(false, _ring.Version, null);
                if (_recovery.IsCompleted)
                    return new DirectoryAnswer(true, _ring.Version, Apply(request));
                recovery = _recovery;
            }

            await recovery.ConfigureAwait(false);
        }
    }

    // The lock is held.
    private GrainAddress? Apply(DirectoryRequest request)
    {
        if (_entries.TryGetValue(request.Grain, out var listed) && !_ring.Alive.Contains(listed.SiloAddress!))
            listed = null;
        switch (request.Operation)
        {
            case Operation.Register when !_ring.Alive.Contains(request.Address!.SiloAddress!):
                // A silo that is declared dead and does not know it: it may go on alone, nobody will send calls there.
                return listed ?? request.Address;
            case Operation.Register when listed is null || listed.Equals(request.Previous) || listed.ActivationId == request.Address!.ActivationId:
                return _entries[request.Grain] = request.Address!;
            case Operation.Unregister when listed is not null && listed.ActivationId == request.Address!.ActivationId:
                _entries.Remove(request.Grain);
                return null;
            default:
                return listed;
        }
    }

    private void OnMembershipChanged(ClusterMembershipSnapshot snapshot)
    {
        lock (_lock)
        {
            var previous = _ring;
            _ring = new DirectoryRing(snapshot);
            foreach (var (grain, address) in _entries.ToList())
            {
                if (!_ring.Alive.Contains(address.SiloAddress!) || !Local.Equals(_ring.Owner(grain)))
                    _entries.Remove(grain);
            }

            // A part grows when a silo left, or when this one is new. An unfinished recovery starts over.
            var hasGrown = !previous.Silos.Contains(Local) || previous.Silos.Any(silo => !_ring.Silos.Contains(silo));
            if (_ring.Silos.Contains(Local) && (hasGrown || !_recovery.IsCompleted))
                _recovery = RecoverAsync(_ring);
            else if (!_ring.Silos.Contains(Local))
                _recovery = Task.CompletedTask;
        }
    }

    private async Task RecoverAsync(DirectoryRing ring)
    {
        await Task.Yield();
        var lists = await Task.WhenAll(ring.Alive.Where(silo => !silo.Equals(Local)).Select(silo => AskForActivationsAsync(silo, ring))).ConfigureAwait(false);
        var own = _catalog.Listed.Select(activation => activation.Address);
        lock (_lock)
        {
            if (!ReferenceEquals(_ring, ring))
                return;
            foreach (var address in lists.SelectMany(list => list).Concat(own))
            {
                if (!Local.Equals(ring.Owner(address.GrainId)) || !ring.Alive.Contains(address.SiloAddress!))
                    continue;
                if (!_entries.TryAdd(address.GrainId, address) && _entries[address.GrainId].ActivationId != address.ActivationId)
                    _system.Tell(address.SiloAddress!, DuplicateCall, new WireWriter().Address(address).ToArray());
            }
        }
    }

    private async Task<List<GrainAddress>> AskForActivationsAsync(SiloAddress silo, DirectoryRing ring)
    {
        while (ReferenceEquals(Ring(), ring))
        {
            try
            {
                return ReadList(await _system.CallAsync(silo, RecoverCall, new WireWriter().Long(ring.Version.Value).ToArray(), CallTimeout).ConfigureAwait(false));
            }
            catch (Exception exception)
            {
                // Until it answers, or is declared dead, its activations are not known: nothing may be placed in their stead.
                _log.LogDebug(exception, "{Silo} did not list its activations.", silo);
                await Task.Delay(RetryDelay, _core.Time, CancellationToken.None).ConfigureAwait(false);
            }
        }

        return [];
    }

    private async Task<byte[]> ListFor(SiloAddress owner, ReadOnlyMemory<byte> body)
    {
        await _membership.Refresh(new MembershipVersion(new WireReader(body).Long())).ConfigureAwait(false);
        var ring = Ring();
        var list = _catalog.Listed.Where(activation => activation.Model.Placement.IsUsingGrainDirectory && owner.Equals(ring.Owner(activation.GrainId))).ToList();
        var writer = new WireWriter().Int(list.Count);
        foreach (var activation in list)
            writer.Address(activation.Address);
        return writer.ToArray();
    }

    private Task<byte[]> DropDuplicate(ReadOnlyMemory<byte> body)
    {
        var address = new WireReader(body).Address()!;
        if (_catalog.Find(address.GrainId) is { } activation && activation.ActivationId == address.ActivationId)
            activation.Deactivate(new DeactivationReason(DeactivationReasonCode.DuplicateActivation, "The grain is active on another silo."));
        return Task.FromResult(Array.Empty<byte>());
    }

    private static List<GrainAddress> ReadList(byte[] bytes)
    {
        var reader = new WireReader(bytes);
        var list = new List<GrainAddress>();
        for (var count = reader.Int(); count > 0; count--)
            list.Add(reader.Address()!);
        return list;
    }

    private sealed record DirectoryRequest(Operation Operation, MembershipVersion Version, GrainId Grain, GrainAddress? Address, GrainAddress? Previous)
    {
        public static DirectoryRequest Read(ReadOnlyMemory<byte> body)
        {
            var reader = new WireReader(body);
            return new DirectoryRequest((Operation)reader.Byte(), new MembershipVersion(reader.Long()), reader.Grain(), reader.Address(), reader.Address());
        }

        public byte[] ToArray() => new WireWriter().Byte((byte)Operation).Long(Version.Value).Grain(Grain).Address(Address).Address(Previous).ToArray();
    }

    private sealed record DirectoryAnswer(bool IsOwner, MembershipVersion Version, GrainAddress? Address)
    {
        public static DirectoryAnswer Read(byte[] body)
        {
            var reader = new WireReader(body);
            return new DirectoryAnswer(reader.Byte() == 1, new MembershipVersion(reader.Long()), reader.Address());
        }

        public byte[] ToArray() => new WireWriter().Byte(IsOwner ? (byte)1 : (byte)0).Long(Version.Value).Address(Address).ToArray();
    }
}
