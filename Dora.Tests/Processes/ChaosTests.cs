using Dora.Benchmarks.Chaos;

namespace Dora.Tests.Processes;

/// <summary>
/// The chaos run of <c>./dora bench chaos</c> with short watches: real processes, signals and a network that lies; no read fails and none is wrong. Latencies
/// are the benchmark's affair. <c>DORA_CHAOS_FULL=1</c> runs it in full.
/// </summary>
[Trait("Category", "Process")]
[Trait("Category", "Slow")]
public sealed class ChaosTests
{
    private static readonly ChaosSettings Short = ChaosSettings.Quick with
    {
        Before = TimeSpan.FromSeconds(0.3),
        Fault = TimeSpan.FromSeconds(1),
        Watch = TimeSpan.FromSeconds(1),
        Stopped = TimeSpan.FromSeconds(4),
        Files = 16,
        WarmUp = TimeSpan.Zero,
    };

    [Fact]
    public async Task Everything_Happens_NoReadFails_NoByteIsWrong_AndAMoveAsksTheStoreForLittle()
    {
        bool isFull = Environment.GetEnvironmentVariable("DORA_CHAOS_FULL") == "1";
        var run = new ChaosRun(isFull ? ChaosSettings.Full : Short, static _ => { });

        ChaosResult result = await run.RunAsync(CancellationToken.None);

        Assert.Empty(result.Problems);
        Assert.Equal((0L, 0L), (result.Failed, result.Wrong));
        Assert.True(result.Reads > 500, $"only {result.Reads} reads");
        Assert.InRange(result.Events.Count, 10, 11);
        Assert.True(run.ProxyCounts is { Cuts: > 0, Flips: > 0 }, $"the proxies did {run.ProxyCounts}");

        // The 2 % of the target are the benchmark's: on a busy machine other workers do not answer in time, and the store is asked.
        Assert.True(run.MovedFromStore <= run.MovedBytes / (isFull ? 50 : 4), $"{run.MovedFromStore} bytes from the store for {run.MovedBytes} moved");
    }
}
