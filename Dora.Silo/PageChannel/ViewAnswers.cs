using Dora.Grains.Cluster;
using Dora.PageChannel.Codec;
using Dora.PageChannel.Server;

namespace Dora.Silo.PageChannel;

/// <summary>Tells clients the workers and mounts from this worker's own snapshot, as the view grain does for those that have no page channel yet.</summary>
/// <param name="cluster">The cluster as this worker sees it.</param>
/// <param name="clusterId">Names the cluster.</param>
/// <param name="time">The clock.</param>
internal sealed class ViewAnswers(IClusterWatch cluster, string clusterId, TimeProvider time) : IViewRequestHandler
{
    // Written once for all who hear of a change at the same time.
    private volatile Written? _last;

    /// <inheritdoc/>
    public async ValueTask<ViewOutcome> ViewAsync(ViewRequest request, CancellationToken cancellationToken)
    {
        ClusterSnapshot snapshot = await cluster
            .WaitForChangeAsync(request.MembershipVersion, request.MountsVersion, request.Wait, time, cancellationToken).ConfigureAwait(false);
        Written? written = _last;
        if (!ReferenceEquals(written?.Snapshot, snapshot))
        {
            _last = written = new Written(snapshot, new ViewBody(clusterId, snapshot.MembershipVersion, snapshot.Workers, snapshot.Mounts).Write());
        }

        return written!.Body is { } body
            ? new ViewOutcome(PageChannelStatus.Ok, snapshot.MembershipVersion, null, body)
            : new ViewOutcome(PageChannelStatus.NotSupported, snapshot.MembershipVersion, "the cluster's view is too large for the page channel: ask a gateway");
    }

    private sealed record Written(ClusterSnapshot Snapshot, byte[]? Body);
}
