using System.Diagnostics;

namespace Dora.Benchmarks.Harness;

/// <summary>
/// Times contenders in turns, so that a slow moment of the machine meets all of them: every round times one batch of each, and the order
/// turns with the round.
/// </summary>
internal static class Interleaved
{
    /// <summary>Returns, per contender, the seconds of each of its batches, sorted. One warm-up batch each is not counted.</summary>
    internal static double[][] Seconds(IReadOnlyList<Action> batches, int rounds)
    {
        double[][] seconds = [.. batches.Select(_ => new double[rounds])];
        foreach (Action batch in batches)
        {
            batch();
        }

        for (int round = 0; round < rounds; round++)
        {
            for (int turn = 0; turn < batches.Count; turn++)
            {
                int which = (turn + round) % batches.Count;
                long start = Stopwatch.GetTimestamp();
                batches[which]();
                seconds[which][round] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            }
        }

        foreach (double[] contender in seconds)
        {
            Array.Sort(contender);
        }

        return seconds;
    }

    /// <summary>The value below which a share of sorted values lies, for example 0.5 for the median.</summary>
    internal static double Quantile(double[] sorted, double share) => sorted[(int)Math.Min(sorted.Length - 1, share * sorted.Length)];
}
