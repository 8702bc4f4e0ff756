using Dora.Benchmarks.Harness;
using Dora.Benchmarks.Pages;

namespace Dora.Tests.Benchmarks.Pages;

/// <summary>The parts of <c>./dora bench pages</c> run, and what they check is right. Figures are not judged here.</summary>
[Collection(MeasuredAlone.Name)]
public sealed class PagesBenchmarkTests
{
    private readonly BenchmarkRun _run = new(quick: true, TextWriter.Null);

    [Fact]
    [Trait("Category", "Slow")]
    public async Task MeasureAsync_Quick_HasEveryRow()
    {
        await new PagesBenchmark().MeasureAsync(_run, CancellationToken.None);

        foreach (string metric in (string[])["rate", "allocated", "read amplification", "most bytes on disk", "4 KiB read p99", "open to first read"])
        {
            Assert.NotNull(Row(metric).Target);
        }

        // What is counted holds on any machine; rates do not.
        Assert.True(Row("most bytes on disk").Met);
        Assert.True(Row("allocated").Met);
        Assert.True(Row("read amplification").Met, $"{Row("read amplification").Value}");
        Assert.DoesNotContain(_run.ToReport("pages", default).Rows, static r => r.Case.StartsWith("hit ratio", StringComparison.Ordinal) && r.Met == false);
    }

    private BenchmarkRow Row(string metric) => _run.ToReport("pages", default).Rows.First(r => r.Metric == metric && r.Target is not null);
}
