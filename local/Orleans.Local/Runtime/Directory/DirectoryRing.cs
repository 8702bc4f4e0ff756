namespace Orleans.Runtime;

/// <summary>Which active silo answers for which grains: the one with the highest hash of (silo, grain). A silo that leaves spreads its part over all others; no other part moves.</summary>
internal sealed class DirectoryRing
{
    private readonly uint[] _hashes;

    public DirectoryRing(ClusterMembershipSnapshot snapshot)
    {
        Version = snapshot.Version;
        Silos = [.. snapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress).Order()];
        Alive = snapshot.Members.Values.Where(member => member.Status is SiloStatus.Active or SiloStatus.ShuttingDown or SiloStatus.Stopping).Select(member => member.SiloAddress).ToHashSet();
        _hashes = [.. Silos.Select(silo => unchecked((uint)silo.GetConsistentHashCode()))];
    }

    public MembershipVersion Version { get; }

    public IReadOnlyList<SiloAddress> Silos { get; }

    /// <summary>The silos that may hold activations.</summary>
    public IReadOnlySet<SiloAddress> Alive { get; }

    /// <summary>Null when no silo is active.</summary>
    public SiloAddress? Owner(GrainId grain)
    {
        var hash = grain.GetUniformHashCode();
        var best = -1;
        var bestScore = 0u;
        for (var i = 0; i < _hashes.Length; i++)
        {
            var score = StableHash.Combine(_hashes[i], hash);
            if (best >= 0 && score <= bestScore)
                continue;
            best = i;
            bestScore = score;
        }

        return best < 0 ? null : Silos[best];
    }
}
