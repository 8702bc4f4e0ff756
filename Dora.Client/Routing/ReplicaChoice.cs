using Dora.PageChannel.Client;

namespace Dora.Client.Routing;

/// <summary>
/// Spreads the reads of a file over its first owners: of two of them the one that promises the earlier answer, by requests outstanding times average
/// latency (the power of two choices, Mitzenmacher 2001). Suspects are left out.
/// </summary>
internal static class ReplicaChoice
{
    /// <summary>The most replicas of a file.</summary>
    public const int Max = Mount.MaxReplicas;

    /// <summary>Chooses among owners, the first of which is the owner.</summary>
    /// <param name="owners">The owners in ring order.</param>
    /// <param name="count">How many of them may be asked, 2 or more.</param>
    /// <param name="turn">Any number that differs from call to call.</param>
    public static WorkerChannel Choose(WorkerChannel[] owners, int count, uint turn)
    {
        count = Math.Min(count, owners.Length);
        uint random = turn * 2_654_435_769u;
        int first = (int)((random >> 16) % (uint)count);
        int second = (first + 1 + (int)((random & 0xFFFF) % (uint)Math.Max(1, count - 1))) % count;
        WorkerChannel a = owners[first], b = owners[second];
        if (random >> 28 == 0 && !a.IsSuspect)
        {
            // Now and then by chance alone: an average is only kept up by being asked.
            return a;
        }

        // The first is by chance: the second must be clearly better, or small differences would send everything to one.
        return a.IsSuspect ? (b.IsSuspect ? owners[0] : b) : b.IsSuspect || 3 * Cost(a) <= 4 * Cost(b) ? a : b;
    }

    private static long Cost(WorkerChannel channel) => (channel.Load + 1L) * Math.Max(1, channel.Latency.Mean);
}
