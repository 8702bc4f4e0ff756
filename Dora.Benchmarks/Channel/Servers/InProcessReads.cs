using System.Diagnostics;
using Dora.Benchmarks.Harness;
using Dora.Client;

namespace Dora.Benchmarks.Channel.Servers;

/// <summary>What reads cost a client that lives in the worker's process.</summary>
/// <param name="P50">Median of a read in seconds.</param>
/// <param name="P99">99th percentile in seconds.</param>
/// <param name="BytesPerRead">Managed bytes allocated per read.</param>
internal sealed record InProcessResult(double P50, double P99, double BytesPerRead);

/// <summary>Reads 4 KiB at a time through a client inside the worker's process.</summary>
internal static class InProcessReads
{
    private const int Size = 4096;

    internal static async Task<InProcessResult> MeasureAsync(DoraClient client, int count)
    {
        DoraFile file = await client.OpenReadAsync($"{WorkerServer.Mount}/large");
        await using (file.ConfigureAwait(false))
        {
            byte[] buffer = new byte[Size];
            double[] seconds = new double[count];
            await RunAsync(file, buffer, new double[Math.Min(count, 20_000)]);
            long allocated = GC.GetTotalAllocatedBytes(precise: true);
            await RunAsync(file, buffer, seconds);
            allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
            Array.Sort(seconds);
            return new InProcessResult(Interleaved.Quantile(seconds, 0.5), Interleaved.Quantile(seconds, 0.99), (double)allocated / count);
        }
    }

    private static async Task RunAsync(DoraFile file, byte[] buffer, double[] seconds)
    {
        uint place = 1;
        for (int i = 0; i < seconds.Length; i++)
        {
            place = (place * 1_664_525) + 1_013_904_223;
            long offset = place % (TestFiles.LargeBytes / Size) * Size;
            long start = Stopwatch.GetTimestamp();
            await file.ReadAsync(offset, buffer);
            seconds[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
            if (i % 1024 == 0)
            {
                TestFiles.Check("in-process", 0, offset, buffer);
            }
        }
    }
}
