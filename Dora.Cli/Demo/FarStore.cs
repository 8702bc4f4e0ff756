using Microsoft.Win32.SafeHandles;

namespace Dora.Cli.Demo;

/// <summary>
/// What the demo's reads would take without a cache, from an object store in another region: the source's own files, each request answered after 30 ms and
/// at 100 MB/s a stream. Simulated: the bytes come from this machine, the time is waited for. Round figures, of the order of such a store.
/// </summary>
/// <param name="source">The directory.</param>
/// <param name="mount">Where Dora shows it.</param>
/// <param name="time">The clock.</param>
internal sealed class FarStore(string source, string mount, TimeProvider time)
{
    private const double BytesPerSecond = 100e6;
    private const int Readers = 4;

    // Some four seconds of waiting: the store answers alike to every file.
    private const int Files = 256;
    private const int Reads = 64;
    private const int ReadBytes = 64 * 1024;
    private static readonly TimeSpan FirstByte = TimeSpan.FromMilliseconds(30);

    /// <summary>Reads some of the files whole, as many at a time as the demo reads.</summary>
    /// <returns>MB (10^6) per second.</returns>
    public async Task<double> ReadFilesAsync(IReadOnlyList<DemoFile> files, CancellationToken cancellationToken)
    {
        int step = Math.Max(1, files.Count / Files);
        DemoFile[] some = [.. files.Where((_, i) => i % step == 0)];
        long start = time.GetTimestamp();
        await Parallel.ForEachAsync(
            some, new ParallelOptions { MaxDegreeOfParallelism = Readers, CancellationToken = cancellationToken }, async (file, token) => await GetAsync(file, 0, file.Length, token));
        return some.Sum(static f => f.Length) / 1e6 / time.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>Positioned reads of 64 KiB, one caller.</summary>
    /// <returns>p50 and p99 in microseconds; 0 without a file that long.</returns>
    public async Task<(double P50, double P99)> ReadPiecesAsync(IReadOnlyList<DemoFile> files, CancellationToken cancellationToken)
    {
        DemoFile[] large = [.. files.Where(static f => f.Length >= ReadBytes).Take(Reads)];
        double[] samples = new double[large.Length == 0 ? 0 : Reads];
        for (int i = 0; i < samples.Length; i++)
        {
            DemoFile file = large[i % large.Length];
            long start = time.GetTimestamp();
            await GetAsync(file, file.Length - ReadBytes, ReadBytes, cancellationToken);
            samples[i] = time.GetElapsedTime(start).TotalMicroseconds;
        }

        return LatencyProbe.Percentiles(samples);
    }

    private async Task GetAsync(DemoFile file, long offset, long length, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        byte[] buffer = new byte[Math.Min(Math.Max(length, 1), 1024 * 1024)];
        using (SafeFileHandle handle = File.OpenHandle(Path.Combine(source, file.DoraPath[(mount.Length + 1)..]), options: FileOptions.Asynchronous))
        {
            for (long done = 0; done < length;)
            {
                int read = await RandomAccess.ReadAsync(handle, buffer.AsMemory(0, (int)Math.Min(buffer.Length, length - done)), offset + done, cancellationToken);
                if (read == 0)
                {
                    throw new DoraException(DoraErrorCode.VersionChanged, $"{file.DoraPath}: its source became shorter while the demo ran");
                }

                done += read;
            }
        }

        TimeSpan rest = FirstByte + TimeSpan.FromSeconds(length / BytesPerSecond) - time.GetElapsedTime(start);
        if (rest > TimeSpan.Zero)
        {
            // Up to whole milliseconds: a timer takes no parts of one and would round down.
            await Task.Delay(TimeSpan.FromMilliseconds(Math.Ceiling(rest.TotalMilliseconds)), time, cancellationToken);
        }
    }
}
