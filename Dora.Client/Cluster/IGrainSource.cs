namespace Dora.Client.Cluster;

/// <summary>The way to the cluster's grains, gone when the first call needs it: a client that reads and lists needs none.</summary>
internal interface IGrainSource
{
    /// <summary>Where the grains are.</summary>
    /// <param name="cancellationToken">Ends the caller's wait.</param>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Unavailable"/>: no gateway answered in time.</exception>
    /// <exception cref="ObjectDisposedException">The client was closed.</exception>
    ValueTask<IGrainFactory> GetAsync(CancellationToken cancellationToken);
}
