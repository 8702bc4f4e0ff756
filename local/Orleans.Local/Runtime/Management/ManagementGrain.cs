using Orleans.Concurrency;

namespace Orleans.Runtime;

/// <summary>Answers questions about the cluster by asking every active silo.</summary>
[StatelessWorker]
internal sealed class ManagementGrain(MembershipOracle membership, SystemCalls system, GrainDirectory directory, TimeProvider time) : Grain, IManagementGrain
{
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);

    public async Task<Dictionary<SiloAddress, SiloStatus>> GetHosts(bool onlyActive = false) =>
        (await GetDetailedHosts(onlyActive).ConfigureAwait(true)).ToDictionary(entry => entry.SiloAddress, entry => entry.Status);

    public async Task<MembershipEntry[]> GetDetailedHosts(bool onlyActive = false)
    {
        await membership.Refresh().ConfigureAwait(true);
        return [.. membership.CurrentEntries.Where(entry => !onlyActive || entry.Status == SiloStatus.Active)];
    }

    public async Task<int> GetTotalActivationCount() => (await AskAllAsync(ManagementCalls.Count, default).ConfigureAwait(true)).Sum(answer => new WireReader(answer).Int());

    public async ValueTask<SiloAddress?> GetActivationAddress(IAddressable reference)
    {
        using var timeout = new CancellationTokenSource(CallTimeout, time);
        return (await directory.LookupAsync(reference.GetGrainId(), timeout.Token).ConfigureAwait(true))?.SiloAddress;
    }

    public Task ForceActivationCollection(TimeSpan ageLimit) => AskAllAsync(ManagementCalls.Collect, new WireWriter().Long(ageLimit.Ticks).ToArray());

    public async ValueTask<List<GrainId>> GetActiveGrains(GrainType type) =>
        [.. (await AskAllAsync(ManagementCalls.List, new WireWriter().String(type.ToString()).ToArray()).ConfigureAwait(true)).SelectMany(ManagementCalls.ReadGrains)];

    private Task<byte[][]> AskAllAsync(string call, ReadOnlyMemory<byte> argument) => Task.WhenAll(membership.CurrentSnapshot.Members.Values
        .Where(member => member.Status == SiloStatus.Active)
        .Select(member => system.CallAsync(member.SiloAddress, call, argument, CallTimeout)));
}

/// <summary>What a silo answers to the management grain of another one.</summary>
internal sealed class ManagementCalls(SystemCalls system, ActivationCatalog catalog, ActivationCollector collector) : ILifecycleParticipant<ISiloLifecycle>
{
    public const string Count = "management.count";
    public const string Collect = "management.collect";
    public const string List = "management.list";

    public static IEnumerable<GrainId> ReadGrains(byte[] bytes)
    {
        var reader = new WireReader(bytes);
        var grains = new List<GrainId>();
        for (var count = reader.Int(); count > 0; count--)
            grains.Add(reader.Grain());
        return grains;
    }

    public void Participate(ISiloLifecycle lifecycle)
    {
        system.Handle(Count, (_, _) => Task.FromResult(new WireWriter().Int(catalog.Count).ToArray()));
        system.Handle(Collect, (_, body) =>
        {
            collector.Collect(TimeSpan.FromTicks(new WireReader(body).Long()));
            return Task.FromResult(Array.Empty<byte>());
        });
        system.Handle(List, (_, body) =>
        {
            var type = GrainType.Create(new WireReader(body).String());
            var grains = catalog.Listed.Where(activation => activation.GrainId.Type == type).Select(activation => activation.GrainId).ToList();
            var writer = new WireWriter().Int(grains.Count);
            foreach (var grain in grains)
                writer.Grain(grain);
            return Task.FromResult(writer.ToArray());
        });
    }
}
