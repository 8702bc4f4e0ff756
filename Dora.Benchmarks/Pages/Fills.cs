using System.Diagnostics;
using System.Globalization;
using Dora.Benchmarks.Harness;
using Dora.Storage.Pages;
using Microsoft.Win32.SafeHandles;

namespace Dora.Benchmarks.Pages;

/// <summary>
/// Pages put into an empty store, against the same bytes written to one file in pieces of the same size. Neither waits for the disk (the store promises
/// nothing that a sync would give); a second pair of figures includes a sync of all files at the end of both.
/// </summary>
internal static class Fills
{
    internal static async Task MeasureAsync(BenchmarkRun run, ScratchDirectory scratch, CancellationToken cancellation)
    {
        int pages = run.Quick ? 64 : 384;
        byte[][] content = [.. Enumerable.Range(0, 16).Select(static _ => new byte[PageContent.PageSize])];
        for (int i = 0; i < content.Length; i++)
        {
            PageContent.Fill(content[i], i);
        }

        int rounds = run.Quick ? 3 : 9;
        Side[] sides = [new("Dora"), new("bare write")];
        for (int round = -1; round < rounds; round++)
        {
            for (int turn = 0; turn < 2; turn++)
            {
                cancellation.ThrowIfCancellationRequested();
                bool ours = (turn + round) % 2 == 0;
                string directory = scratch.Below("fill");
                Directory.CreateDirectory(directory);
                Side side = round < 0 ? new Side("warm-up") : sides[ours ? 0 : 1];
                await (ours ? FillStoreAsync(directory, content, pages, side, check: round < 0) : FillFileAsync(directory, content, pages, side));
                Directory.Delete(directory, recursive: true);
            }
        }

        string name = string.Create(CultureInfo.InvariantCulture, $"fill, {pages} pages of 1 MiB, 1 thread");
        Add(run, name, "rate", sides, static s => s.MiBPerSecond, ">= 0.85");
        Add(run, name, "rate with a sync of all at the end", sides, static s => s.SyncedMiBPerSecond, target: null);
        run.Add(new(name, "p50", "µs", sides[0].Microseconds(0.5), sides[1].Name, sides[1].Microseconds(0.5)));
        run.Add(new(name, "p99", "µs", sides[0].Microseconds(0.99), sides[1].Name, sides[1].Microseconds(0.99)));
        run.Add(new(name, "CPU", "s/GiB", sides[0].CpuPerGiB, sides[1].Name, sides[1].CpuPerGiB));
        run.Add(new(name, "allocated", "bytes/put", sides[0].AllocatedPerPut));
        run.Progress(name);
    }

    private static void Add(BenchmarkRun run, string name, string metric, Side[] sides, Func<Side, double> figure, string? target) =>
        run.Add(new(name, metric, "MiB/s", figure(sides[0]), sides[1].Name, figure(sides[1]), target));

    private static async Task FillStoreAsync(string directory, byte[][] content, int pages, Side side, bool check)
    {
        var options = new PageStoreOptions { Directory = directory, CapacityBytes = pages * 5L / 4 * PageContent.PageSize };
        await using SegmentPageStore store = SegmentPageStore.Open(options, TimeProvider.System);
        side.Time(directory, pages, page =>
        {
            PutOutcome outcome = store.Put(PageContent.Key(page), 0, content[page % content.Length]);
            BenchmarkRun.Check(outcome == PutOutcome.Stored, "a page was not stored");
        });
        byte[] bytes = new byte[PageContent.PageSize];
        for (int page = 0; check && page < pages; page++)
        {
            BenchmarkRun.Check(store.Read(PageContent.Key(page), 0, bytes) == bytes.Length, "a page is missing");
            PageContent.Check("store", page % content.Length, 0, bytes);
        }
    }

    private static Task FillFileAsync(string directory, byte[][] content, int pages, Side side)
    {
        using SafeFileHandle file = File.OpenHandle(Path.Combine(directory, "bare"), FileMode.CreateNew, FileAccess.ReadWrite);
        side.Time(directory, pages, page => RandomAccess.Write(file, content[page % content.Length], (long)page * PageContent.PageSize));
        return Task.CompletedTask;
    }

    /// <summary>One contender's figures.</summary>
    private sealed class Side(string name)
    {
        private readonly List<double> _rates = [];
        private readonly List<double> _syncedRates = [];
        private readonly List<double> _microseconds = [];
        private double _cpuSeconds;
        private long _allocated;
        private long _pages;

        internal string Name { get; } = name;

        internal double MiBPerSecond => Median(_rates);

        internal double SyncedMiBPerSecond => Median(_syncedRates);

        internal double CpuPerGiB => _cpuSeconds / _pages * 1024;

        internal double AllocatedPerPut => (double)_allocated / _pages;

        internal double Microseconds(double share) => Interleaved.Quantile([.. _microseconds.Order()], share);

        internal void Time(string directory, int pages, Action<int> write)
        {
            Cost cost = Cost.Of(() =>
            {
                long last = Stopwatch.GetTimestamp();
                for (int page = 0; page < pages; page++)
                {
                    write(page);
                    long now = Stopwatch.GetTimestamp();
                    _microseconds.Add((now - last) * 1e6 / Stopwatch.Frequency);
                    last = now;
                }
            });
            Cost sync = Cost.Of(() => ScratchDirectory.Flush(directory));
            _rates.Add(pages / cost.Wall.TotalSeconds);
            _syncedRates.Add(pages / (cost.Wall + sync.Wall).TotalSeconds);
            _cpuSeconds += cost.Cpu.TotalSeconds;
            _allocated += cost.AllocatedBytes;
            _pages += pages;
        }

        private static double Median(List<double> values) => Interleaved.Quantile([.. values.Order()], 0.5);
    }
}
