using Dora.Benchmarks.Harness;

namespace Dora.Benchmarks.Pages;

/// <summary>The rows of a measured pair: rate, latencies, CPU time.</summary>
internal static class PairRows
{
    internal static void Add(BenchmarkRun run, string name, Contender ours, Contender bare, string rateUnit, string target)
    {
        run.Add(new(name, "rate", rateUnit, ours.Rate, bare.Name, bare.Rate, target));
        run.Add(new(name, "p50", "µs", ours.Microseconds(0.5), bare.Name, bare.Microseconds(0.5)));
        run.Add(new(name, "p99", "µs", ours.Microseconds(0.99), bare.Name, bare.Microseconds(0.99)));
        run.Add(new(name, "CPU", "s/GiB", ours.CpuSecondsPerGiB, bare.Name, bare.CpuSecondsPerGiB));
    }
}
