namespace Orleans.Runtime;

/// <summary>What the local silo knows of the others.</summary>
internal sealed class ClusterView
{
    public bool IsSettled(IReadOnlySet<SiloAddress> silos) => silos.Count > 0;
}
