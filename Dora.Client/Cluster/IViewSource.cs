using Dora.PageChannel.Codec;

namespace Dora.Client.Cluster;

/// <summary>Who tells the client the workers and mounts.</summary>
internal interface IViewSource
{
    /// <summary>The view now.</summary>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Unavailable"/>: nobody answered, it may be tried again; any other code: nobody ever will.</exception>
    Task<ViewBody> GetAsync(CancellationToken cancellationToken);

    /// <summary>Long poll: the view as soon as it is newer than what is known, or the current one after a while.</summary>
    /// <param name="known">What is known.</param>
    /// <param name="wait">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<ViewBody> WaitForChangeAsync(ClusterSnapshot known, TimeSpan wait, CancellationToken cancellationToken);
}
