namespace Dora.Grains.Cluster;

/// <summary>The cluster state with a way to wait for the next one.</summary>
internal interface IClusterWatch : IClusterState
{
    /// <summary>Waits until the snapshot is newer, in its membership or in its mounts, than what the caller has.</summary>
    /// <param name="membershipVersion">The caller's membership version; -1 for none.</param>
    /// <param name="mountsVersion">The caller's mount-table version; -1 for none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A snapshot of which at least one version is greater than the caller's; at once when it is there already.</returns>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    Task<ClusterSnapshot> WaitForChangeAsync(long membershipVersion, long mountsVersion, CancellationToken cancellationToken);
}
