using Dora.Benchmarks.Harness;
using Dora.Benchmarks.Pages;

namespace Dora.Tests.Benchmarks.Pages;

/// <summary>The parts of <c>./dora bench pages</c> run, and what they check is right. Figures are not judged here.</summary>
public sealed class PagesBenchmarkTests
{
    private readonly BenchmarkRun _run = new(quick: true, TextWriter.Null);

    [Fact]
    public async Task ReadAmplification_Quick_IsWithinItsTarget()
    {
        using var scratch = new ScratchDirectory();
        await ReadAmplification.MeasureAsync(_run, scratch, CancellationToken.None);

        // Bytes are counted, not timed: this one holds on any machine.
        Assert.True(Row("read amplification").Met, $"{Row("read amplification").Value}");
    }

    [Fact]
    public void HitRatios_Few_DefaultIsAboveLru()
    {
        HitRatios.Measure(_run, pages: 20_000, CancellationToken.None);

        Assert.DoesNotContain(_run.ToReport("pages", default).Rows, static r => r.Met == false);
    }

    [Fact]
    [Trait("Category", "Slow")]
    public async Task MeasureAsync_Quick_HasEveryRow()
    {
        await new PagesBenchmark().MeasureAsync(_run, CancellationToken.None);

        foreach (string metric in (string[])["rate", "allocated", "read amplification", "most bytes on disk", "4 KiB read p99", "open to first read"])
        {
            Assert.NotNull(Row(metric).Target);
        }

        // What the store promises of its bytes holds on any machine; rates do not.
        Assert.True(Row("most bytes on disk").Met);
        Assert.True(Row("allocated").Met);
    }

    private BenchmarkRow Row(string metric) => _run.ToReport("pages", default).Rows.First(r => r.Metric == metric && r.Target is not null);
}
