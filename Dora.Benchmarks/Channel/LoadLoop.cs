using System.Diagnostics;
using Dora.Benchmarks.Channel.Contenders;
using Dora.Benchmarks.Harness;

namespace Dora.Benchmarks.Channel;

/// <summary>The load generator, the same for every contender: each caller asks, waits, notes the time, and asks again at another place.</summary>
internal sealed class LoadLoop(IContender contender, LoadCase load) : IAsyncDisposable
{
    private readonly List<ICaller> _callers = [];
    private readonly byte[][] _buffers = [.. Enumerable.Range(0, load.Callers).Select(_ => GC.AllocateUninitializedArray<byte>(load.Bytes, pinned: true))];
    private readonly Latencies[] _latencies = [.. Enumerable.Range(0, load.Callers).Select(static _ => new Latencies())];

    internal IContender Contender => contender;

    internal LoadCase Case => load;

    /// <summary>Opens the callers and checks answers of each.</summary>
    internal async Task OpenAsync()
    {
        for (int i = 0; i < load.Callers; i++)
        {
            _callers.Add(await contender.OpenAsync());
        }

        uint place = 7;
        for (int i = 0; i < load.Callers * 4; i++)
        {
            int which = Next(ref place);
            byte[] buffer = _buffers[i % load.Callers];
            Array.Clear(buffer);
            await AskAsync(_callers[i % load.Callers], which, buffer);
            TestFiles.Check(contender.Name, load.IsFiles ? TestFiles.MediumSeed(which) : 0, load.IsFiles ? 0 : (long)which * load.Bytes, buffer);
        }
    }

    /// <summary>Runs all callers for a time.</summary>
    internal async Task<Batch> RunAsync(TimeSpan time, int round)
    {
        Array.ForEach(_latencies, static l => l.Clear());
        ServerSample before = await contender.SampleAsync();
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        TimeSpan cpu = Environment.CpuUsage.TotalTime;
        long start = Stopwatch.GetTimestamp();
        long end = start + (long)(time.TotalSeconds * Stopwatch.Frequency);
        await Task.WhenAll(Enumerable.Range(0, load.Callers).Select(i => contender.IsBlocking
            ? Task.Factory.StartNew(() => CallAsync(i, round, end).GetAwaiter().GetResult(), TaskCreationOptions.LongRunning)
            : Task.Run(() => CallAsync(i, round, end))));
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        double clientCpu = (Environment.CpuUsage.TotalTime - cpu).TotalSeconds;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        ServerSample after = await contender.SampleAsync();
        var latencies = new Latencies();
        Array.ForEach(_latencies, latencies.Add);
        return new Batch(
            latencies.Count,
            seconds,
            latencies.Microseconds(0.5) / 1e6,
            latencies.Microseconds(0.99) / 1e6,
            clientCpu,
            after.CpuSeconds - before.CpuSeconds,
            allocated,
            after.AllocatedBytes - before.AllocatedBytes);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (ICaller caller in _callers)
        {
            await caller.DisposeAsync();
        }
    }

    private async Task CallAsync(int index, int round, long end)
    {
        (ICaller caller, byte[] buffer, Latencies latencies) = (_callers[index], _buffers[index], _latencies[index]);
        uint place = (uint)((round * 1000) + index + 1);
        long now = Stopwatch.GetTimestamp();
        while (now < end)
        {
            await AskAsync(caller, Next(ref place), buffer);
            long then = now;
            now = Stopwatch.GetTimestamp();
            latencies.Add(then, now);
        }
    }

    private ValueTask AskAsync(ICaller caller, int which, byte[] buffer) =>
        load.IsFiles ? caller.ReadFileAsync(Names[which], buffer) : caller.ReadAsync((long)which * load.Bytes, buffer);

    private string[] Names { get; } = [.. Enumerable.Range(0, TestFiles.MediumCount)
        .Select(i => contender is DoraContender ? $"{Servers.WorkerServer.Mount}/{TestFiles.Medium(i)}" : TestFiles.Medium(i))];

    private int Next(ref uint place)
    {
        place = (place * 1_664_525) + 1_013_904_223;
        return (int)((place >> 8) % (uint)(load.IsFiles ? TestFiles.MediumCount : TestFiles.LargeBytes / load.Bytes));
    }
}
