namespace Orleans.Runtime;

/// <summary>Whether the local silo has caught up with a change of members.</summary>
internal sealed class ClusterView(MembershipOracle membership, ClusterManifestProvider manifests, GrainDirectory directory)
{
    /// <summary>Exactly these silos are active, their classes are known, and the directory is complete.</summary>
    public bool IsSettled(IReadOnlySet<SiloAddress> silos)
    {
        var active = membership.CurrentSnapshot.Members.Values.Where(member => member.Status == SiloStatus.Active).Select(member => member.SiloAddress);
        return silos.SetEquals(active) && silos.All(manifests.Current.Silos.ContainsKey) && directory.IsSettled;
    }
}
