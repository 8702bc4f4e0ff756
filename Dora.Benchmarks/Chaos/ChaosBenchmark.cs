using System.Globalization;
using Dora.Benchmarks.Harness;

namespace Dora.Benchmarks.Chaos;

/// <summary>What readers see when workers die, hang, come and go and the network misbehaves.</summary>
internal sealed class ChaosBenchmark : IBenchmark
{
    public string Name => "chaos";

    public string Description => "Three worker processes under load: killed, stopped, restarted, added, behind proxies that cut, delay, drop and corrupt.";

    public async Task MeasureAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        ChaosSettings settings = run.Quick ? ChaosSettings.Quick : ChaosSettings.Full;
        var chaos = new ChaosRun(settings, run.Progress);
        ChaosResult result = await chaos.RunAsync(cancellation);
        foreach (ChaosEvent e in result.Events)
        {
            run.Add(new BenchmarkRow(e.Name, "p99 back under 2 x", "ms", e.RecoverMs, Target: "<= 3000"));
            run.Add(new BenchmarkRow(e.Name, "p99 during", "ms", e.P99During, "before", e.P99Before));
            run.Add(new BenchmarkRow(e.Name, "longest read", "ms", e.LongestMs));
            run.Add(new BenchmarkRow(e.Name, "asked of the store", "bytes", e.OriginBytes));
        }

        run.Add(new BenchmarkRow("all events", "failed reads", "reads", result.Failed, Target: "<= 0"));
        run.Add(new BenchmarkRow("all events", "reads with wrong bytes", "reads", result.Wrong, Target: "<= 0"));
        run.Add(new BenchmarkRow("3 to 4 to 3 workers", "asked of the store", "bytes", chaos.MovedFromStore, "moved", chaos.MovedBytes, "<= 0.02"));
        run.Progress("the price of TLS");
        await TlsCost.MeasureAsync(run, cancellation);
        run.More("failed", result.Failed);
        run.More("wrong", result.Wrong);
        run.More("events", result.Events);
        run.More("p99Before", result.Events[0].P99Before);
        run.More("p99During", result.Events.Max(static e => e.P99During));
        run.More("recoverMs", result.Events.Max(static e => e.RecoverMs));
        run.More("originBytes", result.OriginBytes);
        run.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"{result.Reads} reads of 1 byte to 64 KiB, every eighth with an open, {settings.Readers} readers with a pause of {settings.Pace.TotalMilliseconds:0} ms, every byte checked; page channel with token and TLS"));
        run.Note("recovery: until 99 % of the reads keep twice the p99 before, in each window of 250 ms, for a second; counted from the end of what lasts (proxies, a process that starts), else from the strike");
        run.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"the proxies cut {chaos.ProxyCounts.Cuts} connections, silenced {chaos.ProxyCounts.Drops} and flipped {chaos.ProxyCounts.Flips} bits"));
        foreach (string problem in result.Problems)
        {
            run.Note(problem);
        }
    }
}
