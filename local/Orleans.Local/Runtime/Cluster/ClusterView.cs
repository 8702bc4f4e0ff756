namespace Orleans.Runtime;

/// <summary>Whether the local silo has caught up with a change of members.</summary>
internal sealed class ClusterView(MembershipOracle membership, ClusterManifestProvider manifests, GrainDirectory directory)
{
    /// <summary>Exactly these silos live and are active, their classes are known, and the directory is complete.</summary>
    public bool IsSettled(IReadOnlySet<SiloAddress> silos)
    {
        var living = membership.CurrentSnapshot.Members.Values.Where(member => member.Status != SiloStatus.Dead).ToList();
        return silos.SetEquals(living.Select(member => member.SiloAddress)) && living.TrueForAll(member => member.Status == SiloStatus.Active) && silos.All(manifests.Current.Silos.ContainsKey) && directory.IsSettled;
    }
}
