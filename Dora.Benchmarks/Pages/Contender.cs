using System.Diagnostics;
using Dora.Benchmarks.Harness;

namespace Dora.Benchmarks.Pages;

/// <summary>One side of a pair: some threads that do one operation over and over; collects what that costs, round by round.</summary>
/// <param name="name">What it is.</param>
/// <param name="bytesPerOperation">Bytes read or written by each.</param>
/// <param name="operation">Does operation number n on thread t, both from 0.</param>
internal sealed class Contender(string name, int bytesPerOperation, Action<int, int> operation)
{
    private readonly List<double> _rates = [];
    private readonly List<long> _ticks = [];
    private double _cpuSeconds;
    private readonly List<double> _allocated = [];
    private long _operations;

    internal string Name { get; } = name;

    /// <summary>Median over the rounds of operations per second.</summary>
    internal double Rate => Quantile(_rates, 0.5);

    internal double CpuSecondsPerGiB => _cpuSeconds / (_operations * (double)bytesPerOperation / (1L << 30));

    /// <summary>Median over the rounds: a collection between two looks books up to 8 KiB of the runtime's own on a thread that allocated nothing.</summary>
    internal double AllocatedPerOperation => Quantile(_allocated, 0.5);

    /// <summary>The time in microseconds in which a share of the operations was done.</summary>
    internal double Microseconds(double share) => Quantile(_ticks, share) * 1e6 / Stopwatch.Frequency;

    /// <summary>One round: for the rate without a look at the clock, then a part of it again with the clock read around each operation.</summary>
    internal void Run(int threads, int operations, bool counts)
    {
        var allocated = new long[threads];
        Cost cost = Cost.Of(() => OnThreads(threads, thread =>
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < operations; i++)
            {
                operation(thread, i);
            }

            allocated[thread] = GC.GetAllocatedBytesForCurrentThread() - before;
        }));
        long[][] ticks = [.. Enumerable.Range(0, threads).Select(_ => new long[Math.Max(1, operations / 5)])];
        OnThreads(threads, thread => Time(thread, ticks[thread]));
        if (counts)
        {
            _rates.Add((double)threads * operations / cost.Wall.TotalSeconds);
            _cpuSeconds += cost.Cpu.TotalSeconds;
            _allocated.Add((double)allocated.Sum() / ((long)threads * operations));
            _operations += (long)threads * operations;
            _ticks.AddRange(ticks.SelectMany(static t => t));
        }
    }

    private void Time(int thread, long[] ticks)
    {
        long last = Stopwatch.GetTimestamp();
        for (int i = 0; i < ticks.Length; i++)
        {
            operation(thread, i);
            long now = Stopwatch.GetTimestamp();
            ticks[i] = now - last;
            last = now;
        }
    }

    private static void OnThreads(int threads, Action<int> work)
    {
        if (threads == 1)
        {
            work(0);
            return;
        }

        Exception? failure = null;
        Thread[] all = [.. Enumerable.Range(0, threads).Select(t => new Thread(() =>
        {
            try
            {
                work(t);
            }
            catch (Exception e)
            {
                Volatile.Write(ref failure, e);
            }
        }))];
        Array.ForEach(all, static t => t.Start());
        Array.ForEach(all, static t => t.Join());
        if (failure is not null)
        {
            throw failure;
        }
    }

    private static T Quantile<T>(List<T> values, double share)
    {
        T[] sorted = [.. values.Order()];
        return sorted[(int)Math.Min(sorted.Length - 1, share * sorted.Length)];
    }
}
