using Dora.Benchmarks.Metadata;

namespace Dora.Benchmarks.Stat;

/// <summary>
/// Which calls find a file grain active, by collection age, in virtual time: Zipf-distributed calls, and a scan that calls each file once and never again. A grain idle for the age goes with the
/// next look for idle ones.
/// </summary>
internal static class CollectionAgeModel
{
    internal const int Files = 10_000_000;
    internal const int CallsPerSecond = 500;
    internal const int ScannedPerSecond = 2000;
    private const int Seconds = 3600;
    private const int Quantum = 60; // Orleans' default

    /// <summary>What happened in the second half of an hour.</summary>
    /// <param name="Share">Of the Zipf-distributed calls, those that found an activation.</param>
    /// <param name="Kept">Activations on average.</param>
    /// <param name="KeptWithScan">The same with the scan, whose calls never find one.</param>
    internal readonly record struct Outcome(double Share, double Kept, double KeptWithScan);

    internal static Outcome Run(TimeSpan age)
    {
        var ranks = new ZipfRanks(Files, seed: 1);
        Dictionary<long, int> lastCall = [];
        long hits = 0, calls = 0, kept = 0;
        for (int second = 0; second < Seconds; second++)
        {
            if (second % Quantum == 0)
            {
                foreach ((long file, int last) in lastCall)
                {
                    if (second - last >= age.TotalSeconds)
                    {
                        lastCall.Remove(file);
                    }
                }
            }

            bool counts = second >= Seconds / 2;
            for (int call = 0; call < CallsPerSecond; call++)
            {
                long file = ranks.NextFile();
                hits += counts && lastCall.ContainsKey(file) ? 1 : 0;
                calls += counts ? 1 : 0;
                lastCall[file] = second;
            }

            kept += counts ? lastCall.Count : 0;
        }

        double average = kept / (Seconds / 2.0);
        return new Outcome((double)hits / calls, average, average + (ScannedPerSecond * (age.TotalSeconds + (Quantum / 2.0))));
    }
}
