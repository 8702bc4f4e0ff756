using Dora.Interfaces;
using Dora.PageChannel.Codec;

namespace Dora.Client.Cluster;

/// <summary>The view as the cluster's grains tell it: for who has grains already, and for clusters whose workers do not tell it over the page channel yet.</summary>
/// <param name="grains">Where the view grain is.</param>
internal sealed class GrainViews(IGrainSource grains) : IViewSource
{
    /// <inheritdoc/>
    public async Task<ViewBody> GetAsync(CancellationToken cancellationToken)
    {
        IClusterViewGrain view = await ViewAsync(cancellationToken).ConfigureAwait(false);
        return From(await view.GetAsync().WaitAsync(cancellationToken).ConfigureAwait(false));
    }

    /// <inheritdoc/>
    public async Task<ViewBody> WaitForChangeAsync(ClusterSnapshot known, TimeSpan wait, CancellationToken cancellationToken)
    {
        IClusterViewGrain view = await ViewAsync(cancellationToken).ConfigureAwait(false);
        return From(await view.WaitForChangeAsync(known.MembershipVersion, known.Mounts.Version, wait, cancellationToken).WaitAsync(cancellationToken).ConfigureAwait(false));
    }

    private static ViewBody From(ClusterView view) =>
        new(view.ClusterId, view.MembershipVersion, [.. view.Workers.Select(static w => w.ToInfo())], view.Mounts.ToTable());

    private async ValueTask<IClusterViewGrain> ViewAsync(CancellationToken cancellationToken) =>
        (await grains.GetAsync(cancellationToken).ConfigureAwait(false)).GetGrain<IClusterViewGrain>(0);
}
