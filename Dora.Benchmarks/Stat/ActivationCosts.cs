using System.Diagnostics;
using Dora.Benchmarks.Harness;
using Dora.Client;
using Dora.Interfaces;

namespace Dora.Benchmarks.Stat;

/// <summary>
/// What a file grain costs: its activation in time and memory, and how often one would be found active by collection age. The grains are of paths under no mount: they do everything that an
/// activation takes, and no store or cache has a part in it.
/// </summary>
internal sealed class ActivationCosts(BenchmarkRun run, DoraClient client, IGrainFactory grains)
{
    private const int Callers = 16;
    private const int WarmUp = 2000;

    internal async Task MeasureAsync(CancellationToken cancellation)
    {
        int count = run.Quick ? 10_000 : 100_000;
        run.Progress($"{count} activations");
        await CallAsync("warm-up", WarmUp, cancellation);
        WorkerStatus before = await StatusAsync(cancellation);
        double first = await CallAsync("cost", count, cancellation);
        WorkerStatus after = await StatusAsync(cancellation);
        BenchmarkRun.Check(after.FileGrains - before.FileGrains >= count * 0.99, $"{after.FileGrains - before.FileGrains} grains are active after {count} first calls");
        double live = await CallAsync("cost", count, cancellation);
        await CollectAsync(count / 100, cancellation);
        double again = await CallAsync("cost", count, cancellation);
        double activation = (1e6 / first) - (1e6 / live);
        double bytes = (double)(after.WorkingSetBytes - before.WorkingSetBytes) / count;
        run.Add(new BenchmarkRow("file grain", "calls that activate", "calls/s", first, "calls to active ones", live));
        run.Add(new BenchmarkRow("file grain", "calls that activate again after collection", "calls/s", again, "calls to active ones", live));
        run.Add(new BenchmarkRow("file grain", "activation, 16 callers", "us", activation));
        run.Add(new BenchmarkRow("file grain", "memory of an activation", "bytes", bytes));
        AddAges(activation, bytes);
    }

    private void AddAges(double activation, double bytes)
    {
        foreach (double minutes in (ReadOnlySpan<double>)[1, 2, 5, 15, 60])
        {
            CollectionAgeModel.Outcome outcome = CollectionAgeModel.Run(TimeSpan.FromMinutes(minutes));
            string name = $"collection age {minutes} min, modelled";
            run.Add(new BenchmarkRow(name, "calls that find an activation", string.Empty, outcome.Share));
            run.Add(new BenchmarkRow(name, "time for activations", "ms/s", (1 - outcome.Share) * CollectionAgeModel.CallsPerSecond * activation / 1000));
            run.Add(new BenchmarkRow(name, "memory", "MiB", outcome.Kept * bytes / (1 << 20)));
            run.Add(new BenchmarkRow(name, "memory if scans kept theirs", "MiB", outcome.KeptWithScan * bytes / (1 << 20)));
        }

        run.Note(
            $"collection ages are modelled from the measured costs: {CollectionAgeModel.CallsPerSecond} grain calls/s, Zipf 0.99 over {CollectionAgeModel.Files:N0} files, and a scan of " +
            $"{CollectionAgeModel.ScannedPerSecond} files/s; loads, which scan, activate none for small files");
    }

    private async Task<WorkerStatus> StatusAsync(CancellationToken cancellation) => await client.GetWorkerStatusAsync(client.Workers[0].Id, cancellation);

    /// <summary>A hundred thousand deactivations take longer than a call may, and the worker answers late meanwhile: what counts is that they happen.</summary>
    private async Task CollectAsync(int most, CancellationToken cancellation)
    {
        Task collecting = grains.GetGrain<IManagementGrain>(0).ForceActivationCollection(TimeSpan.Zero, cancellation);
        long? left;
        do
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellation);
            left = await TryCountAsync(cancellation);
        }
        while (left is null || left > most);

        try
        {
            await collecting;
        }
        catch (TimeoutException)
        {
            run.Progress("collected, after the call that asked for it had timed out");
        }
    }

    private async Task<long?> TryCountAsync(CancellationToken cancellation)
    {
        try
        {
            return (await StatusAsync(cancellation)).FileGrains;
        }
        catch (DoraException e) when (e.Code == DoraErrorCode.Unavailable)
        {
            return null;
        }
    }

    private async Task<double> CallAsync(string name, int count, CancellationToken cancellation)
    {
        long started = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(
            Enumerable.Range(0, Callers), new ParallelOptions { MaxDegreeOfParallelism = Callers, CancellationToken = cancellation }, async (caller, token) =>
            {
                for (int i = caller; i < count; i += Callers)
                {
                    FileReply reply = await grains.GetGrain<IFileGrain>($"/under-no-mount/{name}/{i}").StatAsync(refresh: false, token);
                    BenchmarkRun.Check(reply.Code == DoraErrorCode.NotMounted, $"{reply.Code} for a path under no mount");
                }
            });
        return count / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }
}
