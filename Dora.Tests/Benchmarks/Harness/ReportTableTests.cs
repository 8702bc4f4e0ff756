using Dora.Benchmarks.Harness;
using Spectre.Console.Testing;

namespace Dora.Tests.Benchmarks.Harness;

/// <summary>What people see of a benchmark: a target that is missed says so, and a peer that was not there is no figure.</summary>
public sealed class ReportTableTests
{
    [Fact]
    public void Write_RowsWithAndWithoutAPeer_SaysMetMissedAndNotMeasured()
    {
        using TestConsole console = new TestConsole().Width(140);
        var report = new BenchmarkReport(
            "channel",
            "a machine",
            DateTimeOffset.UnixEpoch,
            [
                new BenchmarkRow("read [1]", "kept", "MB/s", 1500, "loop", 1000, ">= 0.9"),
                new BenchmarkRow("read [1]", "lost", "MB/s", 500, "loop", 1000, ">= 0.9"),
                new BenchmarkRow("read [1]", "alone", "MB/s", 500, "nginx", null, ">= 0.9"),
            ],
            ["a note with [brackets]"]);

        ReportTable.Write(report, console);

        AssertRow("kept", "1,500 MB/s", "loop: 1,000 MB/s", "1.500", "met");
        AssertRow("lost", "500.0 MB/s", "loop: 1,000 MB/s", "0.500", "missed");
        AssertRow("alone", "500.0 MB/s", "nginx: not measured");
        Assert.Single(console.Lines, static l => l.Contains("read [1]", StringComparison.Ordinal));
        Assert.Equal(["a machine", "- a note with [brackets]"], console.Lines.TakeLast(2));

        void AssertRow(string metric, params string[] said)
        {
            string row = Assert.Single(console.Lines, l => l.Contains(metric, StringComparison.Ordinal));
            Assert.All(said, text => Assert.Contains(text, row, StringComparison.Ordinal));
        }
    }
}
