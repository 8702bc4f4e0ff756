using System.Collections.Immutable;
using Orleans.Metadata;
using Orleans.Runtime;

namespace Orleans.Metadata
{
    /// <summary>A version of the cluster manifest.</summary>
    [GenerateSerializer, Immutable]
    [Alias("Orleans.Metadata.MajorMinorVersion")]
    public readonly struct MajorMinorVersion(long majorVersion, long minorVersion) : IEquatable<MajorMinorVersion>
    {
        public static MajorMinorVersion Zero => default;

        [Id(0)]
        public long Major { get; } = majorVersion;

        [Id(1)]
        public long Minor { get; } = minorVersion;

        public bool Equals(MajorMinorVersion other) => Major == other.Major && Minor == other.Minor;

        public override bool Equals(object? obj) => obj is MajorMinorVersion other && Equals(other);

        public override int GetHashCode() => HashCode.Combine(Major, Minor);

        public override string ToString() => $"{Major}.{Minor}";
    }

    /// <summary>What is known of a grain class.</summary>
    [GenerateSerializer, Immutable]
    [Alias("Orleans.Metadata.GrainProperties")]
    public sealed class GrainProperties(ImmutableDictionary<string, string> values)
    {
        [Id(0)]
        public ImmutableDictionary<string, string> Properties { get; } = values;
    }

    /// <summary>What is known of a grain interface.</summary>
    [GenerateSerializer, Immutable]
    [Alias("Orleans.Metadata.GrainInterfaceProperties")]
    public sealed class GrainInterfaceProperties(ImmutableDictionary<string, string> values)
    {
        [Id(0)]
        public ImmutableDictionary<string, string> Properties { get; } = values;
    }

    /// <summary>The grain classes and interfaces of one silo.</summary>
    [GenerateSerializer, Immutable]
    [Alias("Orleans.Metadata.GrainManifest")]
    public sealed class GrainManifest(ImmutableDictionary<GrainType, GrainProperties> grains, ImmutableDictionary<GrainInterfaceType, GrainInterfaceProperties> interfaces)
    {
        [Id(0)]
        public ImmutableDictionary<GrainInterfaceType, GrainInterfaceProperties> Interfaces { get; } = interfaces;

        [Id(1)]
        public ImmutableDictionary<GrainType, GrainProperties> Grains { get; } = grains;
    }

    /// <summary>The manifests of the active silos.</summary>
    [GenerateSerializer, Immutable]
    [Alias("Orleans.Metadata.ClusterManifest")]
    public sealed class ClusterManifest(MajorMinorVersion version, ImmutableDictionary<SiloAddress, GrainManifest> silos)
    {
        [Id(0)]
        public MajorMinorVersion Version { get; } = version;

        [Id(1)]
        public ImmutableDictionary<SiloAddress, GrainManifest> Silos { get; } = silos;
    }
}

namespace Orleans.Runtime
{
    /// <summary>Which silo can host which grains. A silo appears once its manifest has arrived.</summary>
    public interface IClusterManifestProvider
    {
        ClusterManifest Current { get; }

        IAsyncEnumerable<ClusterManifest> Updates { get; }

        GrainManifest LocalGrainManifest { get; }
    }
}
