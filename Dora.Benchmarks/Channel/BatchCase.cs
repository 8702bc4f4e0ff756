using System.Diagnostics;
using Dora.Benchmarks.Channel.Contenders;
using Dora.Benchmarks.Channel.Servers;
using Dora.Benchmarks.Harness;
using Dora.Client;

namespace Dora.Benchmarks.Channel;

/// <summary>A thousand small files one by one against all of them in one call, by one caller.</summary>
internal static class BatchCase
{
    private const string Case = "1,000 files of 10 KiB, 1 caller";

    internal static async Task MeasureAsync(BenchmarkRun run, DoraContender dora)
    {
        DoraClient client = dora.Client;
        run.Progress("batch");
        string[] paths = [.. Enumerable.Range(0, TestFiles.SmallCount).Select(static i => $"{WorkerServer.Mount}/{TestFiles.Small(i)}")];
        Func<bool, Task>[] ways =
        [
            check => OpenAndReadAsync(client, paths, check),
            check => OneByOneAsync(client, paths, check),
            check => TogetherAsync(client, paths, inOrder: true, check),
            check => TogetherAsync(client, paths, inOrder: false, check),
        ];
        List<double>[] seconds = [.. ways.Select(static _ => new List<double>())];
        foreach (Func<bool, Task> way in ways)
        {
            await way(true);
            await way(false);
        }

        for (int round = 0; round < (run.Quick ? 7 : 21); round++)
        {
            for (int turn = 0; turn < ways.Length; turn++)
            {
                int which = (turn + round) % ways.Length;
                long start = Stopwatch.GetTimestamp();
                await ways[which](false);
                seconds[which].Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
        }

        double[] rates = [.. seconds.Select(static s => TestFiles.SmallCount / Statistics.Median(s))];
        run.Add(new BenchmarkRow(Case, "batch in order", "files/s", rates[2], "one by one, opened and read", rates[0], ">= 10"));
        run.Add(new BenchmarkRow(Case, "batch in order", "files/s", rates[2], "one by one, in one round trip each", rates[1]));
        run.Add(new BenchmarkRow(Case, "batch as they come", "files/s", rates[3], "one by one, opened and read", rates[0]));
        foreach ((string name, Func<bool, Task> way) in new[] { ("one by one, opened and read", ways[0]), ("batch in order", ways[2]), ("batch as they come", ways[3]) })
        {
            await CostAsync(run, dora, name, way);
        }
    }

    /// <summary>What a file costs either side; the content object that the caller gets is counted in.</summary>
    private static async Task CostAsync(BenchmarkRun run, DoraContender dora, string name, Func<bool, Task> way)
    {
        const int Times = 20;
        ServerSample before = await dora.SampleAsync();
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        for (int i = 0; i < Times; i++)
        {
            await way(false);
        }

        const double Files = Times * (double)TestFiles.SmallCount;
        cpu = Environment.CpuUsage.TotalTime - cpu;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        ServerSample after = await dora.SampleAsync();
        string? target = name.StartsWith("batch", StringComparison.Ordinal) ? "<= 64" : null;
        run.Add(new BenchmarkRow($"{Case}: {name}", "client CPU per file", "us", cpu.TotalMicroseconds / Files));
        run.Add(new BenchmarkRow($"{Case}: {name}", "server CPU per file", "us", (after.CpuSeconds - before.CpuSeconds) * 1e6 / Files));
        run.Add(new BenchmarkRow($"{Case}: {name}", "client allocated per file", "B", allocated / Files, Target: target));
        run.Add(new BenchmarkRow($"{Case}: {name}", "server allocated per file", "B", (after.AllocatedBytes - before.AllocatedBytes) / Files ?? 0, Target: target));
    }

    private static async Task OpenAndReadAsync(DoraClient client, string[] paths, bool check)
    {
        byte[] buffer = new byte[TestFiles.SmallBytes];
        for (int i = 0; i < paths.Length; i++)
        {
            await using DoraFile file = await client.OpenReadAsync(paths[i]);
            await file.ReadAsync(0, buffer);
            Check(check, i, buffer);
        }
    }

    private static async Task OneByOneAsync(DoraClient client, string[] paths, bool check)
    {
        byte[] buffer = new byte[TestFiles.SmallBytes];
        for (int i = 0; i < paths.Length; i++)
        {
            await client.ReadFileAsync(paths[i], buffer);
            Check(check, i, buffer);
        }
    }

    private static async Task TogetherAsync(DoraClient client, string[] paths, bool inOrder, bool check)
    {
        int count = 0;
        await foreach (FileContent file in client.ReadFilesAsync(paths, inOrder))
        {
            using (file)
            {
                Check(check, file.Index, file.Bytes.Span);
                count++;
            }
        }

        BenchmarkRun.Check(count == paths.Length, $"a batch of {paths.Length} files gave {count}");
    }

    private static void Check(bool check, int index, ReadOnlySpan<byte> bytes)
    {
        if (check)
        {
            BenchmarkRun.Check(bytes.Length == TestFiles.SmallBytes, $"file {index} has {bytes.Length} bytes");
            TestFiles.Check("batch", TestFiles.SmallSeed(index), 0, bytes);
        }
    }
}
