using System.Diagnostics;
using Dora.Benchmarks.Channel.Servers;
using Dora.Benchmarks.Harness;
using Dora.Client;

namespace Dora.Benchmarks.Channel;

/// <summary>A thousand small files one by one against all of them in one call, by one caller.</summary>
internal static class BatchReads
{
    internal static async Task MeasureAsync(BenchmarkRun run, DoraClient client)
    {
        run.Progress("batch");
        string[] paths = [.. Enumerable.Range(0, TestFiles.SmallCount).Select(static i => $"{WorkerServer.Mount}/{TestFiles.Small(i)}")];
        await OneByOneAsync(client, paths, check: true);
        var single = new List<double>();
        for (int round = 0; round < (run.Quick ? 5 : 9); round++)
        {
            long start = Stopwatch.GetTimestamp();
            await OneByOneAsync(client, paths, check: false);
            single.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
        }

        run.Add(new BenchmarkRow("1,000 files of 10 KiB", "one by one", "ms", Statistics.Median(single) * 1e3));
    }

    private static async Task OneByOneAsync(DoraClient client, string[] paths, bool check)
    {
        for (int i = 0; i < paths.Length; i++)
        {
            byte[] bytes = await client.ReadAllBytesAsync(paths[i]);
            if (check)
            {
                TestFiles.Check("one by one", TestFiles.SmallSeed(i), 0, bytes);
            }
        }
    }
}
