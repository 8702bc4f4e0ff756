using Dora.Interfaces;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;
using Orleans.Configuration;

namespace Dora.Grains.Cluster;

/// <summary>Tells clients the workers and mounts from this silo's own snapshot. Waiting calls end at once when the silo stops, or they would hold it up.</summary>
[StatelessWorker(1)]
[Reentrant]
[GrainType("dora.view")]
internal sealed class ClusterViewGrain(IClusterWatch cluster, IOptions<ClusterOptions> options, IHostApplicationLifetime host, TimeProvider time)
    : Grain, IClusterViewGrain
{
    private static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(20);

    // The view of the newest snapshot, made once for all callers. Turns of one grain never run at the same time.
    private (ClusterSnapshot Snapshot, ClusterView View)? _last;

    public Task<ClusterView> GetAsync() => Task.FromResult(View(cluster.Current));

    public async Task<ClusterView> WaitForChangeAsync(long membershipVersion, long mountsVersion, TimeSpan wait, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(host.ApplicationStopping, cancellationToken);
        try
        {
            return View(await cluster.WaitForChangeAsync(membershipVersion, mountsVersion, wait < MaxWait ? wait : MaxWait, time, end.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return View(cluster.Current);
        }
    }

    private ClusterView View(ClusterSnapshot snapshot)
    {
        if (_last is { } last && ReferenceEquals(last.Snapshot, snapshot))
        {
            return last.View;
        }

        var view = new ClusterView(
            options.Value.ClusterId,
            snapshot.MembershipVersion,
            [.. snapshot.Workers.Select(WorkerView.From)],
            MountTableView.From(snapshot.Mounts));
        _last = (snapshot, view);
        return view;
    }
}
