using Dora.Client;

namespace Dora.Cli.Demo;

/// <summary>Times positioned reads of 64 KiB, one caller, at random places of random files.</summary>
internal static class LatencyProbe
{
    private const int ReadBytes = 64 * 1024;
    private const int Warmup = 200;
    private const int Samples = 2000;
    private const int OpenFiles = 64;

    /// <summary>Measures.</summary>
    /// <returns>p50 and p99 in microseconds.</returns>
    public static async Task<(double P50, double P99)> RunAsync(DoraClient client, IReadOnlyList<DemoFile> files, TimeProvider time, CancellationToken cancellationToken)
    {
        DemoFile[] large = [.. files.Where(static f => f.Length >= ReadBytes).OrderByDescending(static f => f.Length).Take(OpenFiles)];
        if (large.Length == 0)
        {
            return (0, 0);
        }

        DoraFile[] open = await Task.WhenAll(large.Select(f => client.OpenReadAsync(f.DoraPath, cancellationToken)));
        try
        {
            return Percentiles(await SampleAsync(open, time, cancellationToken));
        }
        finally
        {
            foreach (DoraFile file in open)
            {
                await file.DisposeAsync();
            }
        }
    }

    private static async Task<double[]> SampleAsync(DoraFile[] open, TimeProvider time, CancellationToken cancellationToken)
    {
        // A fixed walk instead of chance: every run reads the same places.
        uint state = 1;
        byte[] buffer = new byte[ReadBytes];
        double[] samples = new double[Samples];
        for (int i = -Warmup; i < Samples; i++)
        {
            state = (state * 1664525) + 1013904223;
            DoraFile file = open[state % (uint)open.Length];
            state = (state * 1664525) + 1013904223;
            long offset = file.Length == ReadBytes ? 0 : state % (file.Length - ReadBytes);
            long start = time.GetTimestamp();
            int bytes = await file.ReadAsync(offset, buffer, cancellationToken);
            if (bytes != ReadBytes)
            {
                throw new DoraException(DoraErrorCode.Internal, $"a read of {ReadBytes} bytes inside {file.Path} gave {bytes}");
            }

            if (i >= 0)
            {
                samples[i] = time.GetElapsedTime(start).TotalMicroseconds;
            }
        }

        return samples;
    }

    /// <summary>p50 and p99, rounded; 0 of none. Sorts the samples.</summary>
    public static (double P50, double P99) Percentiles(double[] samples)
    {
        if (samples.Length == 0)
        {
            return (0, 0);
        }

        Array.Sort(samples);
        return (Math.Round(samples[samples.Length / 2], 1), Math.Round(samples[samples.Length * 99 / 100], 1));
    }
}
