using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Orleans.Metadata;

namespace Orleans.Runtime;

/// <summary>The manifests of the living silos, asked of each once.</summary>
internal sealed class ClusterManifestProvider : IClusterManifestProvider
{
    public const string Call = "manifest";
    private static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(100);

    private readonly Lock _lock = new();
    private readonly ConcurrentDictionary<SiloAddress, byte> _asking = new();
    private readonly SystemCalls _system;
    private readonly MembershipOracle _membership;
    private readonly GrainTypeResolver _types;
    private readonly TimeProvider _time;
    private readonly ILogger<ClusterManifestProvider> _log;
    private readonly Broadcast<ClusterManifest> _manifests;

    public ClusterManifestProvider(SiloCore core, SystemCalls system, MembershipOracle membership, GrainTypeResolver types, ILogger<ClusterManifestProvider> log)
    {
        _system = system;
        _membership = membership;
        _types = types;
        _time = core.Time;
        _log = log;
        LocalGrainManifest = core.Application.Manifest;
        types.Update([LocalGrainManifest]);
        _manifests = new Broadcast<ClusterManifest>(
            new ClusterManifest(MajorMinorVersion.Zero, ImmutableDictionary<SiloAddress, GrainManifest>.Empty.Add(core.Local.SiloAddress, LocalGrainManifest)));
        var encoded = ManifestWire.Write(LocalGrainManifest);
        system.Handle(Call, (_, _) => Task.FromResult(encoded));
        membership.Changed += OnMembershipChanged;
    }

    public ClusterManifest Current => _manifests.Current;

    public IAsyncEnumerable<ClusterManifest> Updates => _manifests.ReadAsync();

    public GrainManifest LocalGrainManifest { get; }

    private void OnMembershipChanged(ClusterMembershipSnapshot snapshot)
    {
        Update(silos => silos.RemoveRange(silos.Keys.Where(silo => snapshot.GetSiloStatus(silo) == SiloStatus.Dead)));
        foreach (var member in snapshot.Members.Values.Where(member => member.Status is SiloStatus.Joining or SiloStatus.Active))
        {
            if (!Current.Silos.ContainsKey(member.SiloAddress) && _asking.TryAdd(member.SiloAddress, 0))
                _ = Task.Run(() => AskAsync(member.SiloAddress));
        }
    }

    private async Task AskAsync(SiloAddress silo)
    {
        // The news of a member come before it is in the current snapshot: ask at least once.
        do
        {
            try
            {
                var manifest = ManifestWire.Read(await _system.CallAsync(silo, Call, default, CallTimeout).ConfigureAwait(false));
                Update(silos => silos.SetItem(silo, manifest));
                break;
            }
            catch (Exception exception)
            {
                // Until it answers, nothing is placed there.
                _log.LogDebug(exception, "{Silo} did not tell its grain classes.", silo);
                await Task.Delay(RetryDelay, _time, CancellationToken.None).ConfigureAwait(false);
            }
        }
        while (_membership.CurrentSnapshot.GetSiloStatus(silo) is SiloStatus.Joining or SiloStatus.Active);

        _asking.TryRemove(silo, out _);
    }

    private void Update(Func<ImmutableDictionary<SiloAddress, GrainManifest>, ImmutableDictionary<SiloAddress, GrainManifest>> change)
    {
        lock (_lock)
        {
            var current = _manifests.Current;
            var silos = change(current.Silos);
            if (ReferenceEquals(silos, current.Silos))
                return;
            _types.Update(silos.Values);
            _manifests.Publish(new ClusterManifest(new MajorMinorVersion(current.Version.Major, current.Version.Minor + 1), silos));
        }
    }
}

/// <summary>Manifests as bytes.</summary>
internal static class ManifestWire
{
    public static byte[] Write(GrainManifest manifest)
    {
        var writer = new WireWriter().Int(manifest.Grains.Count);
        foreach (var (type, properties) in manifest.Grains)
            WriteProperties(writer.String(type.ToString()), properties.Properties);
        writer.Int(manifest.Interfaces.Count);
        foreach (var (type, properties) in manifest.Interfaces)
            WriteProperties(writer.String(type.ToString()), properties.Properties);
        return writer.ToArray();
    }

    public static GrainManifest Read(byte[] bytes)
    {
        var reader = new WireReader(bytes);
        var grains = ImmutableDictionary.CreateBuilder<GrainType, GrainProperties>();
        for (var count = reader.Int(); count > 0; count--)
            grains.Add(GrainType.Create(reader.String()), new GrainProperties(ReadProperties(ref reader)));
        var interfaces = ImmutableDictionary.CreateBuilder<GrainInterfaceType, GrainInterfaceProperties>();
        for (var count = reader.Int(); count > 0; count--)
            interfaces.Add(GrainInterfaceType.Create(reader.String()), new GrainInterfaceProperties(ReadProperties(ref reader)));
        return new GrainManifest(grains.ToImmutable(), interfaces.ToImmutable());
    }

    private static void WriteProperties(WireWriter writer, ImmutableDictionary<string, string> properties)
    {
        writer.Int(properties.Count);
        foreach (var (key, value) in properties)
            writer.String(key).String(value);
    }

    private static ImmutableDictionary<string, string> ReadProperties(ref WireReader reader)
    {
        var properties = ImmutableDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        for (var count = reader.Int(); count > 0; count--)
        {
            var key = reader.String();
            properties[key] = reader.String();
        }

        return properties.ToImmutable();
    }
}
