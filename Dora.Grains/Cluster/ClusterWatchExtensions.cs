namespace Dora.Grains.Cluster;

/// <summary>Waiting for another picture of the cluster, with an end.</summary>
internal static class ClusterWatchExtensions
{
    /// <summary>The snapshot as soon as it is newer than what the caller has, or the current one when the time is over.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="membershipVersion">The caller's membership version; -1 for none.</param>
    /// <param name="mountsVersion">The caller's mount-table version; -1 for none.</param>
    /// <param name="wait">The time; zero: the current one at once.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public static async Task<ClusterSnapshot> WaitForChangeAsync(
        this IClusterWatch cluster, long membershipVersion, long mountsVersion, TimeSpan wait, TimeProvider time, CancellationToken cancellationToken)
    {
        if (wait <= TimeSpan.Zero)
        {
            return cluster.Current;
        }

        using var timeout = new CancellationTokenSource(wait, time);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await cluster.WaitForChangeAsync(membershipVersion, mountsVersion, end.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return cluster.Current;
        }
    }
}
