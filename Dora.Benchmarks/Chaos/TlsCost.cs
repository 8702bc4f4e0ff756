using System.Diagnostics;
using Dora.Benchmarks.Harness;
using Dora.Client;

namespace Dora.Benchmarks.Chaos;

/// <summary>What TLS costs: the same warm reads from a worker process with and one without, in turns.</summary>
internal static class TlsCost
{
    private const int Rounds = 5;
    private const int Callers = 4;

    internal static async Task MeasureAsync(BenchmarkRun run, CancellationToken cancellationToken)
    {
        ChaosSettings settings = ChaosSettings.Quick with { Workers = 1, UsesProxies = false, Files = 4 };
        await using var plain = new ChaosCluster(settings with { IsSecured = false });
        await using var secured = new ChaosCluster(settings);
        await plain.StartAsync(cancellationToken);
        await secured.StartAsync(cancellationToken);
        TimeSpan turn = TimeSpan.FromSeconds(run.Quick ? 0.2 : 0.6);
        foreach (int length in (int[])[4 * 1024, 64 * 1024, 512 * 1024])
        {
            await RateAsync(plain, length, turn);
            await RateAsync(secured, length, turn);
            double[] without = new double[Rounds], with = new double[Rounds];
            for (int round = 0; round < Rounds; round++)
            {
                without[round] = await RateAsync(plain, length, turn);
                with[round] = await RateAsync(secured, length, turn);
            }

            Array.Sort(without);
            Array.Sort(with);
            run.Add(new BenchmarkRow("TLS", $"{length / 1024} KiB warm reads, {Callers} callers", "reads/s", with[Rounds / 2], "plain", without[Rounds / 2]));
        }
    }

    private static async Task<double> RateAsync(ChaosCluster cluster, int length, TimeSpan time)
    {
        (string path, byte[] content) = cluster.Files[0];
        await using DoraFile file = await cluster.Client.OpenReadAsync(path);
        long start = Stopwatch.GetTimestamp();
        int[] reads = await Task.WhenAll(Enumerable.Range(0, Callers).Select(_ => Task.Run(async () =>
        {
            byte[] buffer = new byte[length];
            int count = 0;
            while (Stopwatch.GetElapsedTime(start) < time)
            {
                BenchmarkRun.Check(await file.ReadAsync(0, buffer) == length && buffer.AsSpan().SequenceEqual(content.AsSpan(0, length)), "wrong bytes");
                count++;
            }

            return count;
        })));
        return reads.Sum() / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }
}
