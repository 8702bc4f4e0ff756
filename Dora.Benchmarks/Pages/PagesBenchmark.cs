using Dora.Benchmarks.Harness;

namespace Dora.Benchmarks.Pages;

/// <summary>The page store against the bare disk, and the policies that decide what it keeps. Results: docs/benchmarks/pages.md.</summary>
internal sealed class PagesBenchmark : IBenchmark
{
    public string Name => "pages";

    public string Description => "Page store: index, warm reads, fill, read amplification, eviction under pressure, restart, hit ratios.";

    public async Task MeasureAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        using var scratch = new ScratchDirectory();
        await new IndexMeasurements(run, scratch.Path).MeasureAsync(cancellation);
        await WarmReads.MeasureAsync(run, scratch.Below("warm"), cancellation);
        Directory.Delete(scratch.Below("warm"), recursive: true);
        await Fills.MeasureAsync(run, scratch, cancellation);
        await ReadAmplification.MeasureAsync(run, scratch, cancellation);
        await new EvictionPressure(run, scratch.Below("pressure")).MeasureAsync(cancellation);
        await Restarts.MeasureAsync(run, scratch, cancellation);
        HitRatios.Measure(run, run.Quick ? 20_000 : 100_000, cancellation);
        run.Note($"directory: {scratch.Path} (TMPDIR chooses another disk). Pairs are measured in turns in the same run; rates are medians of the rounds.");
    }
}
