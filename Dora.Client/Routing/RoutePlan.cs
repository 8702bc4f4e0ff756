using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;

namespace Dora.Client.Routing;

/// <summary>One worker to ask, and how.</summary>
/// <param name="Channel">The worker.</param>
/// <param name="Flags">Flags to add to the request.</param>
internal readonly record struct RouteStep(WorkerChannel Channel, ReadFlags Flags);

/// <summary>
/// Whom to ask in which order: the owner; the next owners of the ring, which cache what they fetch because they would be the owners if those before
/// them were gone; then a few others, which fetch and keep nothing. Suspects go last.
/// </summary>
internal static class RoutePlan
{
    /// <summary>Owners that may keep what they fetch.</summary>
    public const int Owners = 3;

    /// <summary>Workers asked in one round.</summary>
    public const int MaxSteps = 8;

    /// <summary>The steps for a file in a snapshot; empty when there is no worker.</summary>
    public static List<RouteStep> Make(ClusterSnapshot cluster, FileId file, PageChannelPool pool)
    {
        Span<int> ranks = stackalloc int[MaxSteps];
        int count = cluster.Ring.Owners(file, ranks);
        List<RouteStep> steps = new(count), suspects = [];
        for (int rank = 0; rank < count; rank++)
        {
            ReadFlags flags = rank == 0 ? ReadFlags.None : rank < Owners ? ReadFlags.Failover : ReadFlags.Failover | ReadFlags.StoreDirect;
            var step = new RouteStep(pool.For(cluster.Find(cluster.Ring.Members[ranks[rank]].Id)!), flags);
            (step.Channel.IsSuspect ? suspects : steps).Add(step);
        }

        steps.AddRange(suspects);
        return steps;
    }
}
