using System.Diagnostics;
using Dora.Benchmarks.Harness;
using Dora.Benchmarks.Metadata;

namespace Dora.Tests.Benchmarks.Metadata;

/// <summary><c>./dora bench metadata</c> runs, tiny, and what it checks is right. Figures that depend on the machine are not judged here.</summary>
public sealed class MetadataBenchmarkTests
{
    [Fact]
    [Trait("Category", "Process")]
    public async Task MeasureAsync_Tiny_HasEveryRowAndKeepsTheSizes()
    {
        BenchmarkRun run = new(quick: true, TextWriter.Null);
        await new MetadataBenchmark { DefaultSizes = "2000,10000", CaseMilliseconds = 100 }.MeasureAsync(run, CancellationToken.None);
        IReadOnlyList<BenchmarkRow> rows = run.ToReport("metadata", default).Rows;

        Assert.Equal(4 * 2 * 5 * 2, rows.Count(static r => r.Case != "10,000 entries in memory" && (r.Metric.Contains(" level, ", StringComparison.Ordinal) || r.Metric.StartsWith("whole store, ", StringComparison.Ordinal)) && r.Against != "db_bench readrandom"));
        Assert.All(rows, static r => Assert.True(r.Value >= 0, $"{r.Metric}: {r.Value}"));
        foreach (string metric in (string[])["RSS, peak while reading", "RSS, peak while filling and compacting"])
        {
            Assert.Equal(true, Assert.Single(rows, r => r.Metric == metric && r.Target is not null).Met);
        }
    }

    [Fact]
    public void ZipfRanks_ManyFiles_AreSkewedAndInRange()
    {
        var ranks = new ZipfRanks(1_000_000, seed: 1);
        long[] drawn = [.. Enumerable.Range(0, 200_000).Select(_ => ranks.NextFile())];
        Assert.All(drawn, static f => Assert.InRange(f, 0, 999_999));

        // The first rank has about 1 in 15 of the draws at a million files and skew 0.99.
        double top = drawn.GroupBy(static f => f).Max(static g => g.Count()) / (double)drawn.Length;
        Assert.InRange(top, 0.05, 0.09);
    }

    [Fact]
    public void Latencies_Quantiles_AreWithinTheirDigits()
    {
        (var latency, var other) = (new Latencies(), new Latencies());
        for (int i = 1; i <= 100_000; i++)
        {
            (i % 2 == 0 ? latency : other).Add(0, i * Stopwatch.Frequency / 1_000_000_000);
        }

        latency.Add(other);

        Assert.Equal(100_000, latency.Count);
        Assert.InRange(latency.Microseconds(0.5), 49.9, 50.1);
        Assert.InRange(latency.Microseconds(0.99), 98.8, 99.2);
    }
}
