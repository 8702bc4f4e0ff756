using System.Diagnostics;
using Dora.Benchmarks.Harness;
using Dora.Storage.Pages;

namespace Dora.Benchmarks.Pages;

/// <summary>
/// Reads of a hot tenth of a full store, quiet and while a writer turns the store over ten times its size as fast as it can, in turns; and the bytes on disk
/// meanwhile.
/// </summary>
internal sealed class EvictionPressure(BenchmarkRun run, string directory)
{
    private const int Size = 4096;
    private const int Parts = 5;
    private static readonly TimeSpan Sampling = TimeSpan.FromMilliseconds(50);

    private readonly int _pages = run.Quick ? 64 : 256;
    private readonly List<double> _quiet = [];
    private readonly List<double> _pressed = [];
    private long _mostOnDisk;
    private long _mostCounted;
    private long _samples;
    private long _misses;
    private int _written;

    private int Hot => _pages / 10;

    internal async Task MeasureAsync(CancellationToken cancellation)
    {
        // Room for the heads of the pages and for what the store keeps beside them.
        long capacity = (_pages + (_pages / 16) + 8L) * PageContent.PageSize;
        await using SegmentPageStore store = SegmentPageStore.Open(new PageStoreOptions { Directory = directory, CapacityBytes = capacity }, TimeProvider.System);
        for (; _written < _pages; _written++)
        {
            Put(store, _written);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        Task sampler = Task.Factory.StartNew(() => Sample(store, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Stopwatch writing = new();
        for (int part = 0; part < Parts; part++)
        {
            // As long as a part of the writing took, or a second before the first.
            using (var quiet = new CancellationTokenSource(part == 0 ? TimeSpan.FromSeconds(1) : writing.Elapsed / part))
            {
                Read(store, part == 0 ? [] : _quiet, quiet.Token);
            }

            using var done = new CancellationTokenSource();
            var reader = new Thread(() => Read(store, _pressed, done.Token));
            reader.Start();
            writing.Start();
            for (int end = _written + (10 * _pages / Parts); _written < end; _written++)
            {
                Put(store, _written);
            }

            writing.Stop();
            await done.CancelAsync();
            reader.Join();
        }

        await stop.CancelAsync();
        await sampler;
        Report(capacity, store.Statistics, writing.Elapsed);
    }

    private void Report(long capacity, PageStoreStatistics statistics, TimeSpan writing)
    {
        double[] quiet = [.. _quiet.Order()];
        double[] pressed = [.. _pressed.Order()];
        string name = $"eviction under pressure, {_pages} MiB turned over 10 times";
        run.Add(new(name, "4 KiB read p99", "µs", Interleaved.Quantile(pressed, 0.99), "quiet", Interleaved.Quantile(quiet, 0.99), "<= 3"));
        run.Add(new(name, "4 KiB read p50", "µs", Interleaved.Quantile(pressed, 0.5), "quiet", Interleaved.Quantile(quiet, 0.5)));
        run.Add(new(name, "4 KiB read p99.9", "µs", Interleaved.Quantile(pressed, 0.999), "quiet", Interleaved.Quantile(quiet, 0.999)));
        run.Add(new(name, "most bytes on disk", "MiB", _mostOnDisk / (double)PageContent.PageSize, "cap", capacity / (double)PageContent.PageSize, "<= 1"));
        run.Add(new(name, "most bytes by the store's own count", "MiB", _mostCounted / (double)PageContent.PageSize, "cap", capacity / (double)PageContent.PageSize, "<= 1"));
        run.Add(new(name, "reads of hot pages that missed", "%", 100.0 * _misses / pressed.Length));
        run.Add(new(name, "write rate", "MiB/s", 10 * _pages / writing.TotalSeconds));
        run.Note($"eviction under pressure: {_samples} samples of the disk, allocated blocks of all files of the directory every {Sampling.TotalMilliseconds:0} ms; {quiet.Length:N0} quiet reads and "
            + $"{pressed.Length:N0} under pressure of {Hot} pages, a page that was not there is put again; {statistics.Evicted:N0} pages evicted.");
        run.Progress(name);
    }

    private void Put(SegmentPageStore store, int page)
    {
        byte[] bytes = Memory.Value!;
        PageContent.Fill(bytes, page);
        PutOutcome outcome = store.Put(PageContent.Key(page), 0, bytes);
        BenchmarkRun.Check(outcome is PutOutcome.Stored or PutOutcome.AlreadyStored, $"page {page} was not stored: {outcome}");
    }

    private static readonly ThreadLocal<byte[]> Memory = new(static () => new byte[PageContent.PageSize]);

    private void Read(SegmentPageStore store, List<double> microseconds, CancellationToken until)
    {
        byte[] bytes = new byte[Size];
        var random = new Random(1);
        while (!until.IsCancellationRequested)
        {
            int page = random.Next(Hot);
            int offset = random.Next(PageContent.PageSize / Size) * Size;
            long start = Stopwatch.GetTimestamp();
            int count = store.Read(PageContent.Key(page), offset, bytes);
            microseconds.Add(Stopwatch.GetElapsedTime(start).TotalMicroseconds);
            if (count == Size)
            {
                PageContent.Check("store", page, offset, bytes);
            }
            else
            {
                _misses++;
                Put(store, page);
            }
        }
    }

    private void Sample(SegmentPageStore store, CancellationToken until)
    {
        do
        {
            _mostOnDisk = Math.Max(_mostOnDisk, DiskUse.Bytes(directory));
            _mostCounted = Math.Max(_mostCounted, store.Statistics.Bytes);
            _samples++;
        }
        while (!until.WaitHandle.WaitOne(Sampling));
    }
}
