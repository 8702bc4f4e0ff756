using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;

namespace Dora.Client.Routing;

/// <summary>One worker to ask, and how.</summary>
/// <param name="Channel">The worker.</param>
/// <param name="Flags">Flags to add to the request.</param>
internal readonly record struct RouteStep(WorkerChannel Channel, ReadFlags Flags);

/// <summary>
/// Whom to ask in which order: the owner; the next owners of the ring, which cache what they fetch because they would be the owners if those before
/// them were gone; then a few others, which fetch and keep nothing. Suspects go last. Of a large file a next owner keeps what it fetches only when those before it have been silent for so
/// long that it is about to be the owner: a pause of the owner must not leave a second copy of a dataset behind.
/// </summary>
internal static class RoutePlan
{
    /// <summary>Owners that may keep what they fetch.</summary>
    public const int Owners = 3;

    /// <summary>Workers asked in one round.</summary>
    public const int MaxSteps = 8;

    /// <summary>From this silence on a worker counts as gone, some seconds before membership says so. Pauses of a worker that lives are shorter.</summary>
    public static readonly TimeSpan GoneAfter = TimeSpan.FromSeconds(2);

    /// <summary>The steps for a file in a snapshot; empty when there is no worker.</summary>
    /// <param name="cluster">The snapshot.</param>
    /// <param name="file">The file.</param>
    /// <param name="pool">The channels.</param>
    /// <param name="keepers">How many of the first owners keep what they fetch, whoever is silent; see <see cref="Owners"/>.</param>
    public static List<RouteStep> Make(ClusterSnapshot cluster, FileId file, PageChannelPool pool, int keepers)
    {
        Span<int> ranks = stackalloc int[MaxSteps];
        int count = cluster.Ring.Owners(file, ranks);
        List<RouteStep> steps = new(count), suspects = [];
        for (int rank = 0; rank < count; rank++)
        {
            ReadFlags flags = rank == 0 ? ReadFlags.None : rank < keepers ? ReadFlags.Failover : ReadFlags.Failover | ReadFlags.StoreDirect;
            var step = new RouteStep(pool.For(cluster.Workers[ranks[rank]]), flags);
            (step.Channel.IsSuspect ? suspects : steps).Add(step);
            keepers += keepers < Owners && step.Channel.SuspectFor >= GoneAfter ? 1 : 0;
        }

        steps.AddRange(suspects);
        return steps;
    }
}
