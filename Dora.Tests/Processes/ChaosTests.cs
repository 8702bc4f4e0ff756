using System.Diagnostics;
using System.Globalization;
using Dora.Benchmarks.Chaos;
using Xunit.Abstractions;

namespace Dora.Tests.Processes;

/// <summary>
/// The chaos run of <c>./dora bench chaos</c> with short watches: real processes, signals and a network that lies; no read fails and none is wrong. Latencies
/// are the benchmark's affair. The full mode takes the benchmark's own times.
/// </summary>
[Trait("Category", "Process")]
[Trait("Category", "Slow")]
public sealed class ChaosTests(ITestOutputHelper output)
{
    private static readonly ChaosSettings Short = ChaosSettings.Quick with
    {
        Before = TimeSpan.FromSeconds(0.2),
        Fault = TimeSpan.FromSeconds(0.7),
        Watch = TimeSpan.FromSeconds(0.5),
        Stopped = TimeSpan.FromSeconds(4),
        Files = 16,
        WarmUp = TimeSpan.Zero,
    };

    [Fact]
    public async Task Everything_Happens_NoReadFails_NoByteIsWrong_AndAMoveAsksTheStoreForLittle()
    {
        var watch = Stopwatch.StartNew();
        var run = new ChaosRun(
            FullCounts.IsOn ? ChaosSettings.Full : Short, line => output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{watch.Elapsed.TotalSeconds:0.0} s: {line}")));

        ChaosResult result = await run.RunAsync(CancellationToken.None);

        Assert.Empty(result.Problems);
        Assert.Equal((0L, 0L), (result.Failed, result.Wrong));
        Assert.True(result.Reads > 500, $"only {result.Reads} reads");
        Assert.InRange(result.Events.Count, 10, 11);
        Assert.True(run.ProxyCounts is { Cuts: > 0, Flips: > 0 }, $"the proxies did {run.ProxyCounts}");

        // The 2 % of the target are the benchmark's: on a busy machine other workers do not answer in time, and the store is asked.
        Assert.True(run.MovedFromStore <= run.MovedBytes / (FullCounts.IsOn ? 50 : 4), $"{run.MovedFromStore} bytes from the store for {run.MovedBytes} moved");
    }
}
