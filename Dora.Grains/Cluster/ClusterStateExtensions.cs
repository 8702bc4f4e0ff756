using Microsoft.Extensions.DependencyInjection;

namespace Dora.Grains;

/// <summary>Waiting for the cluster from outside the grains.</summary>
public static class ClusterStateExtensions
{
    /// <summary>Waits until this silo's snapshot has a worker: from then on it is placed on, routed to, and told to clients.</summary>
    /// <exception cref="OperationCanceledException">The wait was ended.</exception>
    public static async Task WaitForWorkerAsync(this IServiceProvider services, WorkerId worker, CancellationToken cancellationToken)
    {
        Cluster.IClusterWatch cluster = services.GetRequiredService<Cluster.IClusterWatch>();
        ClusterSnapshot current = cluster.Current;
        while (current.Find(worker) is null)
        {
            current = await cluster.WaitForChangeAsync(current.MembershipVersion, current.Mounts.Version, cancellationToken);
        }
    }
}
