using System.Diagnostics;
using System.Globalization;
using Dora.Benchmarks.Harness;
using Dora.Core.Linux;
using Dora.Storage.Pages;
using Microsoft.Win32.SafeHandles;

namespace Dora.Benchmarks.Pages;

/// <summary>
/// A store that was closed is opened again: with its checkpoint, until the first page is read; and without one, until the scan of all record heads has ended. Many
/// small records with the heads in memory, and fewer large ones whose heads come from the disk one by one.
/// </summary>
internal static class Restarts
{
    private const int SmallBytes = 2048;
    private const int DontNeed = 4;
    private const double AllPages = 10e6;

    internal static async Task MeasureAsync(BenchmarkRun run, ScratchDirectory scratch, CancellationToken cancellation)
    {
        await MeasureAsync(run, scratch, run.Quick ? 20_000 : 500_000, SmallBytes, cold: false, cancellation);
        await MeasureAsync(run, scratch, run.Quick ? 64 : 512, PageContent.PageSize, cold: true, cancellation);
        run.Note("restart: the store's own files, one directory. 'heads in memory': records of 4 KiB, just written. 'heads on disk': records of 1 MiB, dropped from the system's "
            + "memory before (posix_fadvise), one read of 4 KiB per record. The scan goes on behind while the store serves; 'at 10 M pages' is the figure scaled by the number of records.");
    }

    private static async Task MeasureAsync(
        BenchmarkRun run, ScratchDirectory scratch, int records, int bytes, bool cold, CancellationToken cancellation)
    {
        string directory = scratch.Below("restart");
        var options = new PageStoreOptions { Directory = directory, CapacityBytes = Math.Max(64L << 20, records * (bytes + 8192L) * 5 / 4) };
        byte[] content = new byte[bytes];
        await using (SegmentPageStore store = SegmentPageStore.Open(options, TimeProvider.System))
        {
            for (int i = 0; i < records; i++)
            {
                cancellation.ThrowIfCancellationRequested();
                PageContent.Fill(content.AsSpan(0, 64), i);
                PutOutcome outcome = store.Put(PageContent.Key(i), 0, content);
                BenchmarkRun.Check(outcome == PutOutcome.Stored, $"record {i} was not stored: {outcome}");
            }
        }

        string name = string.Create(CultureInfo.InvariantCulture, $"restart, {records:N0} records, heads {(cold ? "on disk" : "in memory")}");
        Forget(directory, cold);
        double open = await OpenAndReadAsync(options, records, cancellation);
        run.Add(new(name, "open to first read", "ms", open * 1e3, Target: "<= 2000"));

        foreach (string image in Directory.EnumerateFiles(directory, "*.index"))
        {
            File.Delete(image);
        }

        Forget(directory, cold);
        double scan = await ScanAsync(options, records, cancellation);
        run.Add(new(name, "full recovery without checkpoint", "s", scan));
        run.Add(new(name, "full recovery without checkpoint, at 10 M pages", "min", scan / records * AllPages / 60));
        Directory.Delete(directory, recursive: true);
        run.Progress(name);
    }

    private static async Task<double> OpenAndReadAsync(PageStoreOptions options, int records, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        await using SegmentPageStore store = SegmentPageStore.Open(options, TimeProvider.System);
        await CheckAsync(store, records / 2, cancellation);
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static async Task<double> ScanAsync(PageStoreOptions options, int records, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        await using SegmentPageStore store = SegmentPageStore.Open(options, TimeProvider.System);
        await store.WhenRecovered.WaitAsync(cancellation);
        double seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        BenchmarkRun.Check(store.Statistics.Pages == records, $"{store.Statistics.Pages} pages after a scan, not {records}");
        await CheckAsync(store, records - 1, cancellation);
        return seconds;
    }

    private static async Task CheckAsync(SegmentPageStore store, int page, CancellationToken cancellation)
    {
        byte[] bytes = new byte[64];
        BenchmarkRun.Check(store.Read(PageContent.Key(page), 0, bytes) == bytes.Length, $"page {page} is not there after a restart");
        PageContent.Check("store", page, 0, bytes);
    }

    /// <summary>Lets the system forget the files, when they are to come from the disk.</summary>
    private static void Forget(string directory, bool cold)
    {
        if (!cold)
        {
            return;
        }

        ScratchDirectory.Flush(directory);
        foreach (string path in Directory.EnumerateFiles(directory, "*.seg"))
        {
            using SafeFileHandle file = File.OpenHandle(path);
            BenchmarkRun.Check(Libc.posix_fadvise(file, 0, 0, DontNeed) == 0, "posix_fadvise failed");
        }
    }
}
