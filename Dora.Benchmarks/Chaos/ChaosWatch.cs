using System.Diagnostics;

namespace Dora.Benchmarks.Chaos;

/// <summary>Reads latencies out of samples.</summary>
internal static class ChaosWatch
{
    internal const double WindowMs = 250;

    // So many windows in a row must be good for the load to be back.
    private const int GoodWindows = 4;

    /// <summary>What a share of the reads kept, in ms.</summary>
    internal static double Quantile(IEnumerable<ReadSample> samples, double share)
    {
        long[] sorted = [.. samples.Select(static s => s.Ticks).Order()];
        return sorted.Length == 0 ? 0 : Ms(sorted[(int)Math.Min(sorted.Length - 1, share * sorted.Length)]);
    }

    /// <summary>
    /// How long after an event it took until 99 % of the reads kept a limit, in every window of 250 ms, for one second. A window without a read is a bad one.
    /// </summary>
    /// <param name="samples">Reads that ended after the event.</param>
    /// <param name="start">The event.</param>
    /// <param name="end">The end of the watch.</param>
    /// <param name="limitMs">The limit.</param>
    internal static double RecoverMs(List<ReadSample> samples, long start, long end, double limitMs)
    {
        int windows = (int)(Ms(end - start) / WindowMs), good = 0;
        ILookup<int, ReadSample> byWindow = samples.ToLookup(s => (int)(Ms(s.EndedAt - start) / WindowMs));
        for (int window = 0; window < windows; window++)
        {
            good = byWindow[window].Any() && Quantile(byWindow[window], 0.99) <= limitMs ? good + 1 : 0;
            if (good == GoodWindows)
            {
                return (window + 1 - GoodWindows) * WindowMs;
            }
        }

        return Ms(end - start);
    }

    internal static double Ms(long ticks) => ticks * 1000.0 / Stopwatch.Frequency;
}
