using System.Diagnostics;
using Dora.Benchmarks.Channel;
using Dora.Benchmarks.Channel.Servers;
using Dora.Benchmarks.Harness;
using Dora.Client;
using Dora.Client.Cluster;
using Dora.Interfaces;
using Dora.Storage.Ufs;

namespace Dora.Benchmarks.Stat;

/// <summary>Stats of known files through the client's fast path, as grain calls to the same worker, and of the store itself, in turns; then what file grains cost.</summary>
internal sealed class StatBenchmark : IBenchmark
{
    private const int Callers = 16;

    public string Name => "stat";

    public string Description => "Stats through the client: the page channel against grain calls and the store itself; what a file grain costs.";

    public async Task MeasureAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        DirectoryInfo temporary = Directory.CreateTempSubdirectory("dora-bench-stat-");
        try
        {
            var files = new TestFiles(Directory.CreateDirectory(Path.Combine(temporary.FullName, "files")).FullName);
            files.Write();
            await using ServerProcess server = await ServerProcess.StartAsync("worker", files.Directory);
            await using DoraClient client = await DoraClient.ConnectAsync(new DoraClientOptions { Cluster = WorkerServer.Cluster(files) }, cancellation);
            await client.Mounts.AddAsync(WorkerServer.Mount, Path.GetFullPath(files.Directory), freshness: "immutable", cancellationToken: cancellation);
            await using ClusterConnection grains = await ClusterConnection.OpenAsync(
                new DoraClientOptions { Cluster = WorkerServer.Cluster(files), ClusterId = "dora" }, cancellation);
            await MeasureAsync(run, new StatCallers(client, grains.Grains, UfsUri.Parse(new Uri(Path.GetFullPath(files.Directory)).AbsoluteUri)), cancellation);
            await new ActivationCosts(run, client, grains.Grains).MeasureAsync(cancellation);
        }
        finally
        {
            temporary.Delete(recursive: true);
        }
    }

    private static async Task MeasureAsync(BenchmarkRun run, StatCallers callers, CancellationToken cancellation)
    {
        foreach ((string name, Func<int, Task<long>> stat) in callers.All)
        {
            for (int i = 0; i < TestFiles.SmallCount; i++)
            {
                BenchmarkRun.Check(await stat(i) == TestFiles.SmallBytes, $"{name}: wrong length of file {i}");
            }
        }

        int rounds = run.Quick ? 3 : 7;
        TimeSpan turn = TimeSpan.FromMilliseconds(run.Quick ? 200 : 700);
        foreach (int count in (int[])[1, Callers])
        {
            run.Progress($"{count} callers");
            double[][] rates = await RatesAsync(callers, count, rounds, turn, cancellation);
            string size = count == 1 ? "1 caller" : $"{count} callers";
            run.Add(new BenchmarkRow(size, "fast path", "stats/s", Statistics.Median(rates[0]), "grain call", Statistics.Median(rates[1]), count == 1 ? ">= 3" : null));
            run.Add(new BenchmarkRow(size, "fast path", "stats/s", Statistics.Median(rates[0]), "local directory itself", Statistics.Median(rates[2])));
        }

        run.Note("the store is a local directory in this machine's memory, the fastest there is: an object store answers in tens of milliseconds");
    }

    /// <summary>Stats a second by contender and round. The order turns with the round.</summary>
    private static async Task<double[][]> RatesAsync(StatCallers callers, int count, int rounds, TimeSpan turn, CancellationToken cancellation)
    {
        double[][] rates = [.. callers.All.Select(_ => new double[rounds])];
        for (int round = -1; round < rounds; round++)
        {
            for (int offset = 0; offset < rates.Length; offset++)
            {
                cancellation.ThrowIfCancellationRequested();
                int which = (offset + round + rates.Length) % rates.Length;
                double rate = await RateAsync(callers.All[which].Stat, count, turn);
                if (round >= 0)
                {
                    rates[which][round] = rate; // the first round warms up
                }
            }
        }

        return rates;
    }

    private static async Task<double> RateAsync(Func<int, Task<long>> stat, int callers, TimeSpan turn)
    {
        long started = Stopwatch.GetTimestamp();
        long[] counts = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            long count = 0;
            for (int file = caller; Stopwatch.GetElapsedTime(started) < turn; file = (file + 7) % TestFiles.SmallCount, count++)
            {
                BenchmarkRun.Check(await stat(file) == TestFiles.SmallBytes, "wrong length");
            }

            return count;
        })));
        return counts.Sum() / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    /// <summary>The contenders: each gives the length of a file.</summary>
    private sealed class StatCallers
    {
        internal StatCallers(DoraClient client, IGrainFactory grains, UfsUri root)
        {
            IUfs store = UfsProvider.CreateDefault().Open(root);
            string[] names = [.. Enumerable.Range(0, TestFiles.SmallCount).Select(TestFiles.Small)];
            string[] paths = [.. names.Select(static n => $"{WorkerServer.Mount}/{n}")];
            IFileGrain[] files = [.. paths.Select(p => grains.GetGrain<IFileGrain>(p))];
            All =
            [
                ("fast path", async file => (await client.StatAsync(paths[file])).Length),
                ("grain call", async file => (await files[file].StatAsync(refresh: false, CancellationToken.None)).Stat!.Length),
                ("store", async file => (await store.StatAsync(names[file], CancellationToken.None)).Stat.Length),
            ];
        }

        internal (string Name, Func<int, Task<long>> Stat)[] All { get; }
    }
}
