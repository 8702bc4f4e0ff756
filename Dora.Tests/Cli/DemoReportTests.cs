using Dora.Cli.Demo;
using Spectre.Console.Testing;

namespace Dora.Tests.Cli;

/// <summary>What people see of a demo in a terminal of 80 columns.</summary>
public sealed class DemoReportTests
{
    private static readonly DemoReport Right = new()
    {
        Files = 1234,
        Bytes = 5 << 20,
        ColdMBps = 12.34,
        WarmMBps = 2345.6,
        P50Us = 41.2,
        P99Us = 180,
        FarStoreMBps = 13.9,
        FarStoreP50Us = 30700,
        FarStoreP99Us = 31900.5,
        Killed = 1,
        Failed = 0,
        Wrong = 0,
        PerWorker = new SortedDictionary<string, long> { ["w0"] = 400, ["w1"] = 417, ["w2"] = 417 },
    };

    [Fact]
    public void Render_RightRun_FitsATerminalAndSaysSo()
    {
        using TestConsole console = new TestConsole().Width(80);

        Right.Render(console);

        Assert.All(console.Lines, static line => Assert.True(line.Length <= 80, line));
        Assert.Contains(console.Lines, static line => HasCells(line, "64 KiB anywhere, p50", "41.2 µs", "30,700 µs"));
        Assert.Contains(console.Lines, static line => HasCells(line, "read again, a worker killed", "2,345.6 MB/s", "13.9 MB/s"));
        Assert.Contains("simulated", console.Output, StringComparison.Ordinal);
        Assert.Contains("w0: 400, w1: 417, w2: 417", console.Output, StringComparison.Ordinal);
        Assert.Equal("Every byte was right.", console.Lines[^1]);
    }

    [Fact]
    public void Render_WrongRun_EndsWithTheFirstFailure()
    {
        using TestConsole console = new TestConsole().Width(80);

        (Right with { Wrong = 2, FirstFailure = "wrong bytes of '/demo/[0].bin'" }).Render(console);

        Assert.Equal("NOT RIGHT: wrong bytes of '/demo/[0].bin'", console.Lines[^1]);
    }

    private static bool HasCells(string line, params string[] cells) =>
        Array.TrueForAll(cells, cell => line.Contains(cell, StringComparison.Ordinal));
}
