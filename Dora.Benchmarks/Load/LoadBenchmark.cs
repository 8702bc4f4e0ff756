using System.Diagnostics;
using Dora.Benchmarks.Channel;
using Dora.Benchmarks.Harness;

namespace Dora.Benchmarks.Load;

/// <summary>Load jobs from a local directory over three worker processes, in turns with a plain parallel copy of the same files: the least that can be done for them on this machine.</summary>
internal sealed class LoadBenchmark : IBenchmark
{
    private const string Peer = "parallel copy loop";

    public string Name => "load";

    public string Description => "Load jobs over three workers against a plain parallel copy loop: many small files, and large ones.";

    public async Task MeasureAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        DirectoryInfo temporary = Directory.CreateTempSubdirectory("dora-bench-load-");
        try
        {
            LoadFiles warm = new(temporary, "warm", run.Quick ? 3000 : 10_000, 4096);
            LoadFiles small = new(temporary, "small", run.Quick ? 10_000 : 100_000, 4096);
            LoadFiles large = new(temporary, "large", run.Quick ? 2 : 8, (run.Quick ? 64 : 256) << 20);
            run.Progress("writing files");
            foreach (LoadFiles files in (LoadFiles[])[warm, small, large])
            {
                files.Write();
            }

            run.Progress("starting three workers");
            await using LoadCluster cluster = await LoadCluster.StartAsync(temporary, cancellation);
            await WarmUpAsync(run, cluster, warm, large, cancellation);
            await MeasureSmallAsync(run, cluster, small, cancellation);
            await MeasureLargeAsync(run, cluster, large, cancellation);
            run.Note("source and copies are in this machine's page cache; copies and the workers' segments are written back behind both");
            run.Note($"the workers were warmed up by loading {warm.Count:N0} other files three times: a fresh worker spends some seconds of CPU in its compiler");
        }
        finally
        {
            temporary.Delete(recursive: true);
        }
    }

    /// <summary>Code is compiled, and every byte that a load brought is checked.</summary>
    private static async Task WarmUpAsync(BenchmarkRun run, LoadCluster cluster, LoadFiles warm, LoadFiles large, CancellationToken cancellation)
    {
        run.Progress("checking bytes");
        for (int round = 0; round < 3; round++)
        {
            await cluster.LoadAsync(warm, cancellation);
            await cluster.CheckAsync(warm, every: round == 0 ? 1 : 10, cancellation);
            await cluster.FreeAsync(warm, cancellation);
        }

        await cluster.LoadAsync(large, cancellation);
        await cluster.CheckAsync(large, every: 1, cancellation);
        warm.Copy();
        await cluster.FreeAsync(large, cancellation);
    }

    private static async Task MeasureSmallAsync(BenchmarkRun run, LoadCluster cluster, LoadFiles files, CancellationToken cancellation)
    {
        List<Round> rounds = await RoundsAsync(run, cluster, files, rounds: run.Quick ? 3 : 5, cancellation);
        string name = $"{files.Count:N0} x 4 KiB";
        run.Add(new BenchmarkRow(name, "cold load", "files/s", Median(rounds, r => files.Count / r.Cold.Wall), Peer, Median(rounds, r => files.Count / r.Copy.Wall), ">= 0.5"));
        run.Add(new BenchmarkRow(name, "load again, all cached", "files/s", Median(rounds, r => files.Count / r.Again.Wall)));
        run.Add(new BenchmarkRow(name, "CPU of the workers, cold", "us/file", Median(rounds, r => r.Cold.Cpu * 1e6 / files.Count), Peer, Median(rounds, r => r.Copy.Cpu * 1e6 / files.Count)));
        run.Add(new BenchmarkRow(name, "CPU of the workers, all cached", "us/file", Median(rounds, r => r.Again.Cpu * 1e6 / files.Count)));
    }

    private static async Task MeasureLargeAsync(BenchmarkRun run, LoadCluster cluster, LoadFiles files, CancellationToken cancellation)
    {
        List<Round> rounds = await RoundsAsync(run, cluster, files, rounds: 3, cancellation);
        string name = $"{files.Count} x {files.Length >> 20} MiB";
        double megabytes = files.Bytes / 1e6;
        run.Add(new BenchmarkRow(name, "cold load", "MB/s", Median(rounds, r => megabytes / r.Cold.Wall), Peer, Median(rounds, r => megabytes / r.Copy.Wall), ">= 0.5"));
        run.Add(new BenchmarkRow(name, "CPU of the workers, cold", "s/GB", Median(rounds, r => r.Cold.Cpu * 1000 / megabytes), Peer, Median(rounds, r => r.Copy.Cpu * 1000 / megabytes)));
    }

    /// <summary>The contenders in turns; who begins alternates.</summary>
    private static async Task<List<Round>> RoundsAsync(BenchmarkRun run, LoadCluster cluster, LoadFiles files, int rounds, CancellationToken cancellation)
    {
        List<Round> measured = [];
        for (int round = 1; round <= rounds; round++)
        {
            cancellation.ThrowIfCancellationRequested();
            run.Progress($"{files.Name} files, round {round} of {rounds}");
            Spent copy = round % 2 == 1 ? Copy(files) : default;
            Spent cold = await cluster.TimeAsync(files, cancellation);
            Spent again = await cluster.TimeAsync(files, cancellation);
            await cluster.CheckAsync(files, every: Math.Max(1, files.Count / 500), cancellation);
            copy = round % 2 == 1 ? copy : Copy(files);
            measured.Add(new Round(copy, cold, again));
            await cluster.FreeAsync(files, cancellation);
        }

        return measured;
    }

    private static Spent Copy(LoadFiles files)
    {
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        files.Copy();
        var spent = new Spent(Stopwatch.GetElapsedTime(start).TotalSeconds, (Environment.CpuUsage.TotalTime - cpu).TotalSeconds);
        files.DeleteCopies();
        return spent;
    }

    private static double Median(List<Round> rounds, Func<Round, double> figure) => Statistics.Median(rounds.Select(figure));

    private sealed record Round(Spent Copy, Spent Cold, Spent Again);
}
