using System.Diagnostics;

namespace Dora.Benchmarks.Chaos;

/// <summary>Does one thing after the other to a cluster under load, and watches what the readers see.</summary>
/// <param name="settings">How long.</param>
/// <param name="progress">Told what is going on.</param>
internal sealed class ChaosRun(ChaosSettings settings, Action<string> progress)
{
    private static readonly TimeSpan MaxFault = TimeSpan.FromMinutes(1);

    private readonly List<ChaosEvent> _events = [];

    /// <summary>Bytes of the files that changed their owner while a worker joined and left gracefully.</summary>
    internal long MovedBytes { get; private set; }

    /// <summary>Bytes asked of the store meanwhile.</summary>
    internal long MovedFromStore { get; private set; }

    /// <summary>What the proxies did.</summary>
    internal (long Cuts, long Drops, long Flips) ProxyCounts { get; private set; }

    internal async Task<ChaosResult> RunAsync(CancellationToken cancellationToken)
    {
        await using var cluster = new ChaosCluster(settings);
        progress("starting three workers and loading the files");
        await cluster.StartAsync(cancellationToken);
        var load = new ChaosLoad(cluster.Client, cluster.Files, settings.Readers, settings.Pace, settings.Seed);
        try
        {
            await Task.Delay(settings.WarmUp, cancellationToken);
            await cluster.CountAsync();
            await ProxiesAsync(cluster, load, cancellationToken);
            await DeathAsync(cluster, load, cancellationToken);
            await HangAsync(cluster, load, cancellationToken);
            await RingAsync(cluster, load, cancellationToken);
        }
        finally
        {
            await load.StopAsync();
            ProxyCounts = cluster.ProxyCounts;
        }

        return new ChaosResult(load.Reads, load.Failed, load.Wrong, _events, _events.Sum(static e => e.OriginBytes), load.Problems);
    }

    private async Task ProxiesAsync(ChaosCluster cluster, ChaosLoad load, CancellationToken cancellationToken)
    {
        (string Name, Faults Faults)[] faults =
        [
            ("proxies cut connections", new Faults(CutShare: 0.03)),
            ("proxies hold every chunk 20 ms", new Faults(Delay: TimeSpan.FromMilliseconds(20))),
            ("proxies swallow what comes", new Faults(DropShare: 0.01)),
        ];
        if (settings.IsSecured)
        {
            faults = [.. faults, ("proxies flip bits", new Faults(CorruptShare: 0.05))];
        }

        foreach ((string name, Faults fault) in faults)
        {
            await EventAsync(name, cluster, load, cancellationToken, async () =>
            {
                (long, long, long) before = cluster.ProxyCounts;
                cluster.SetFaults(fault);
                await Task.Delay(settings.Fault, cancellationToken);
                await StruckAsync(cluster, fault, before, cancellationToken);
                cluster.SetFaults(Faults.None);
            });
        }
    }

    /// <summary>On a busy machine little passes the proxies in a fault's time: it stays until it has struck once.</summary>
    private static async Task StruckAsync(ChaosCluster cluster, Faults fault, (long, long, long) before, CancellationToken cancellationToken)
    {
        long start = Stopwatch.GetTimestamp();
        while (fault.CutShare + fault.DropShare + fault.CorruptShare > 0 && cluster.ProxyCounts == before && Stopwatch.GetElapsedTime(start) < MaxFault)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
        }
    }

    private async Task DeathAsync(ChaosCluster cluster, ChaosLoad load, CancellationToken cancellationToken)
    {
        await EventAsync("SIGKILL w1", cluster, load, cancellationToken, null, () => cluster.KillAsync("w1"));
        await EventAsync("w1 starts again", cluster, load, cancellationToken, () => cluster.StartAsync("w1", cancellationToken));
    }

    private async Task HangAsync(ChaosCluster cluster, ChaosLoad load, CancellationToken cancellationToken)
    {
        long stopped = Stopwatch.GetTimestamp();
        await EventAsync("SIGSTOP w2", cluster, load, cancellationToken, null, () => cluster.SignalAsync("w2", "-STOP"));
        TimeSpan left = settings.Stopped - Stopwatch.GetElapsedTime(stopped);
        if (left > TimeSpan.Zero)
        {
            await Task.Delay(left, cancellationToken);
        }

        await EventAsync("SIGCONT w2", cluster, load, cancellationToken, null, () => cluster.SignalAsync("w2", "-CONT"));

        // The cluster has declared it dead: it ends itself, and is started again as its supervisor would.
        if (await Task.WhenAny(cluster.Workers["w2"].Exited, Task.Delay(TimeSpan.FromSeconds(20), cancellationToken)) == cluster.Workers["w2"].Exited)
        {
            await EventAsync("w2 starts again", cluster, load, cancellationToken, () => cluster.StartAsync("w2", cancellationToken));
        }
    }

    private async Task RingAsync(ChaosCluster cluster, ChaosLoad load, CancellationToken cancellationToken)
    {
        int first = _events.Count;
        await EventAsync("w3 joins", cluster, load, cancellationToken, () => cluster.StartAsync("w3", cancellationToken));
        MovedBytes = 2 * cluster.BytesOwnedBy("w3");
        await EventAsync("w3 stops gracefully", cluster, load, cancellationToken, () => cluster.StopAsync("w3", cancellationToken));
        MovedFromStore = _events[first..].Sum(static e => e.OriginBytes);
    }

    /// <summary>
    /// Watches the load before, during and after something. What takes its time (<paramref name="during"/>: proxies that misbehave, a process that starts)
    /// has its recovery counted from its end; what strikes at once (<paramref name="strike"/>) from then on.
    /// </summary>
    private async Task EventAsync(
        string name, ChaosCluster cluster, ChaosLoad load, CancellationToken cancellationToken, Func<Task>? during, Func<Task>? strike = null)
    {
        load.Take();
        await Task.Delay(settings.Before, cancellationToken);
        double before = ChaosWatch.Quantile(load.Take(), 0.99);
        long begun = Stopwatch.GetTimestamp();
        if (during is not null)
        {
            await during();
        }

        long start = Stopwatch.GetTimestamp();
        if (strike is not null)
        {
            await strike();
        }

        await Task.Delay(settings.Watch, cancellationToken);
        List<ReadSample> samples = load.Take();
        double recover = ChaosWatch.RecoverMs([.. samples.Where(s => s.EndedAt >= start)], start, Stopwatch.GetTimestamp(), 2 * before);
        double duringMs = ChaosWatch.Ms(start - begun) + Math.Max(recover, ChaosWatch.WindowMs);
        List<ReadSample> hit = [.. samples.Where(s => ChaosWatch.Ms(s.EndedAt - begun) <= duringMs)];
        (long store, long peer) = await cluster.CountAsync();
        var result = new ChaosEvent(
            name, samples.Count, before, ChaosWatch.Quantile(hit, 0.99), recover, ChaosWatch.Quantile(samples, 1), store, peer);
        _events.Add(result);
        progress(FormattableString.Invariant(
            $"{name}: {result.Reads} reads, p99 {before:0.0} -> {result.P99During:0.0} ms, back after {recover:0} ms, longest {result.LongestMs:0} ms, {load.Failed} failed, {load.Wrong} wrong, {store} bytes from the store"));
    }
}
