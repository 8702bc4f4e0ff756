namespace Dora.Interfaces;

/// <summary>
/// How clients learn the workers and mounts: answered by whichever silo the call reaches, from its own snapshot. Key 0. Never on the I/O path.
/// </summary>
[Alias("Dora.IClusterViewGrain")]
public interface IClusterViewGrain : IGrainWithIntegerKey
{
    /// <summary>The current view.</summary>
    [Alias("Get")]
    Task<ClusterView> GetAsync();

    /// <summary>Long poll: answers as soon as the view is newer than what the caller has, or with the current one after a while.</summary>
    /// <param name="membershipVersion">The caller's <see cref="ClusterView.MembershipVersion"/>.</param>
    /// <param name="mountsVersion">The caller's <see cref="MountTableView.Version"/>.</param>
    /// <param name="wait">At most this long, 0 to 20 s; longer waits are cut.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    [Alias("WaitForChange")]
    [ResponseTimeout("00:00:30")]
    Task<ClusterView> WaitForChangeAsync(long membershipVersion, long mountsVersion, TimeSpan wait, CancellationToken cancellationToken);
}
