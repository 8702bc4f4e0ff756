namespace Dora;

/// <summary>Where a worker's parts read the cluster from. Every request takes one snapshot and keeps it from start to end.</summary>
public interface IClusterState
{
    /// <summary>The newest snapshot this process knows; never <see langword="null"/>, <see cref="ClusterSnapshot.Empty"/> before the first.</summary>
    ClusterSnapshot Current { get; }
}
