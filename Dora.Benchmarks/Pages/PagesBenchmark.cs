using Dora.Benchmarks.Harness;

namespace Dora.Benchmarks.Pages;

/// <summary>The page store against the bare disk, and the policies that decide what it keeps. Results: docs/benchmarks/pages.md.</summary>
internal sealed class PagesBenchmark : IBenchmark
{
    public string Name => "pages";

    public string Description => "Page store: hit ratios of eviction policies.";

    public Task MeasureAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        HitRatios.Measure(run, run.Quick ? 20_000 : 100_000, cancellation);
        return Task.CompletedTask;
    }
}
