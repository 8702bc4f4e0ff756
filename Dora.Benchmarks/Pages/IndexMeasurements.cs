using System.Diagnostics;
using System.Numerics;
using Dora.Benchmarks.Harness;
using Dora.Storage.Pages.Index;
using Dora.Storage.Pages.Records;
using Dora.Storage.Pages.Segments;
using Dora.Storage.Pages.Volumes;
using Microsoft.Win32.SafeHandles;
using PageIndex = Dora.Storage.Pages.Index.PageIndex;

namespace Dora.Benchmarks.Pages;

/// <summary>The page index alone, at ten million pages: its memory, its rates, and how soon a saved one answers. A part of <c>./dora bench pages</c>.</summary>
internal sealed class IndexMeasurements(BenchmarkRun run, string directory)
{
    private const int AllPages = 10_000_000;
    private const int Finds = 1_000_000;
    // Segments of 1 GiB, the size that the store chooses at 10 TB.
    private const int PagesPerSegment = 1000;

    private int Pages => run.Quick ? AllPages / 10 : AllPages;

    private string Count => run.Quick ? "1 M pages" : "10 M pages";

    /// <summary>Measures a file of one page, the worst case, and files of four.</summary>
    public async Task MeasureAsync(CancellationToken cancellation)
    {
        foreach (int pagesPerFile in (int[])[1, 4])
        {
            cancellation.ThrowIfCancellationRequested();
            string name = $"index, {Count}, {pagesPerFile} per file";
            run.Progress(name);
            await MeasureAsync(name, pagesPerFile, cancellation).ConfigureAwait(false);
            GC.Collect();
        }
    }

    private async Task MeasureAsync(string name, int pagesPerFile, CancellationToken cancellation)
    {
        Fill(pagesPerFile, pages: 100_000, threads: 1);
        (long heap, long resident) = (GC.GetTotalMemory(forceFullCollection: true), Environment.WorkingSet);
        PageIndex index = null!;
        var store = new CountedPins(withLists: true);
        double seconds = Time(() => index = Fill(pagesPerFile, Pages, threads: 1, store));
        store.Seal();
        (heap, resident) = (GC.GetTotalMemory(forceFullCollection: true) - heap, Environment.WorkingSet - resident);
        run.Add(new BenchmarkRow(name, "memory per page, heap", "B", heap / (double)Pages, Target: "<= 64"));
        if (pagesPerFile == 1)
        {
            // Later the process has free memory that it takes again, and the figure would flatter.
            run.Add(new BenchmarkRow(name, "memory per page, resident", "B", resident / (double)Pages, Target: "<= 64"));
        }

        run.Add(new BenchmarkRow(name, "add, 1 thread", "M/s", Pages / seconds / 1e6));
        MeasureFind(name, index, pagesPerFile);

        string path = Path.Combine(directory, "index-image");
        await MeasureImageAsync(name, index, path, cancellation).ConfigureAwait(false);
        MeasureOpen(name, path, pagesPerFile);
        File.Delete(path);
        seconds = Time(() => Fill(pagesPerFile, Pages / 4, threads: 4));
        run.Add(new BenchmarkRow(name, "add, 4 threads", "M/s", Pages / 4 / seconds / 1e6));
    }

    private void MeasureFind(string name, PageIndex index, int pagesPerFile)
    {
        Find(index, pagesPerFile, seed: 1, Finds / 10);
        foreach (int threads in (int[])[1, 4])
        {
            var cost = Cost.Of(() => Parallel.For(
                0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, thread => Find(index, pagesPerFile, seed: 2 + thread, Finds)));
            double each = cost.Wall.TotalNanoseconds / ((double)Finds * threads);
            run.Add(new BenchmarkRow(name, $"find and pin, {Threads(threads)}", "M/s", 1e3 / each));
            if (threads == 1)
            {
                run.Add(new BenchmarkRow(name, "find and pin, 1 thread", "ns", each, "one random read in as much memory", RandomReadNanoseconds()));
            }

            run.Add(new BenchmarkRow(name, $"find and pin, {Threads(threads)}, allocated", "B/op", Math.Floor(cost.AllocatedBytes / ((double)Finds * threads)), Target: "<= 0"));
        }

        // The same where the processor's caches hold what is asked for: the part of the cost that is not the memory's latency.
        const int Hot = 10_000;
        PageIndex small = Fill(pagesPerFile, Hot, threads: 1);
        Find(small, pagesPerFile, seed: 1, Finds / 10, Hot);
        double seconds = Time(() => Find(small, pagesPerFile, seed: 2, Finds, Hot));
        run.Add(new BenchmarkRow(name, "find and pin in an index of 10 k pages, 1 thread", "ns", seconds * 1e9 / Finds));
    }

    private async Task MeasureImageAsync(string name, PageIndex index, string path, CancellationToken cancellation)
    {
        var device = new FilePageDevice();
        File.Delete(path);
        using SafeFileHandle file = device.Create(path);
        var manifest = new IndexManifest(1, 1, [.. Enumerable.Range(0, (Pages / PagesPerSegment) + 1).Select(static i =>
            new ManifestSegment((ushort)i, (ulong)i + 1, 1, long.MaxValue))]);
        long start = Stopwatch.GetTimestamp();
        long bytes = await new IndexImageWriter(device, TimeProvider.System, 0)
            .WriteAsync(index, manifest, file, IndexImageWriter.EstimateBytes(index), cancellation).ConfigureAwait(false);
        BenchmarkRun.Check(bytes == new FileInfo(path).Length, "the image is not as long as its writer says");
        run.Add(new BenchmarkRow(name, "image per page", "B", bytes / (double)Pages));
        run.Add(new BenchmarkRow(name, "write image, no limit", "s", Stopwatch.GetElapsedTime(start).TotalSeconds));
    }

    private void MeasureOpen(string name, string path, int pagesPerFile)
    {
        var observer = new CountedPins(withLists: false);
        IndexImage? image = null;
        PageIndex index = null!;
        double first = Time(() =>
        {
            BenchmarkRun.Check(IndexImage.TryOpen(path, new FilePageDevice(), out image), "the image cannot be opened");
            index = new PageIndex(observer, image);
            BenchmarkRun.Check(index.TryFind(KeyOf(Pages / 2, pagesPerFile), 0, out _, out _), "a saved page is not found");
        });
        run.Add(new BenchmarkRow(name, "open to first find", "ms", first * 1e3, Target: "<= 2000"));
        double all = Time(() => index.LoadAll(CancellationToken.None));
        run.Add(new BenchmarkRow(name, "load all in the background", "s", all));
        BenchmarkRun.Check(index.PageCount == Pages && image!.BadShards == 0, "pages are missing after loading");
        Find(index, pagesPerFile, seed: 5, Finds / 10);
        image!.Dispose();
    }

    /// <summary>What a miss of all caches costs: each read says where the next one is.</summary>
    private double RandomReadNanoseconds()
    {
        const int Line = 64 / sizeof(uint);
        uint lines = BitOperations.RoundUpToPowerOf2((uint)Pages) / 2;
        uint[] memory = new uint[lines * Line];
        for (uint line = 0; line < lines; line++)
        {
            memory[line * Line] = 1_013_904_223;
        }

        uint at = 1;
        double seconds = Time(() =>
        {
            for (int i = 0; i < Finds; i++)
            {
                // A linear congruential generator of full period: every line once.
                at = ((at * 1_664_525) + memory[at * Line]) & (lines - 1);
            }
        });
        BenchmarkRun.Check(at < lines, "cannot be");
        return seconds * 1e9 / Finds;
    }

    private static string Threads(int threads) => threads == 1 ? "1 thread" : $"{threads} threads";

    private static double Time(Action work)
    {
        long start = Stopwatch.GetTimestamp();
        work();
        return Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static PageIndex Fill(int pagesPerFile, int pages, int threads, CountedPins? store = null)
    {
        var index = new PageIndex(store ?? new CountedPins(withLists: false), null);
        Parallel.For(0, threads, new ParallelOptions { MaxDegreeOfParallelism = threads }, thread =>
        {
            List<DroppedRecord> dropped = [];
            int share = pages / threads / pagesPerFile * pagesPerFile;
            int end = thread == threads - 1 ? pages : (thread + 1) * share;
            for (int i = thread * share; i < end; i++)
            {
                var record = new IndexedRecord(
                    new RecordPlace((ushort)(i / PagesPerSegment), (uint)(i % PagesPerSegment) * 257), 0, IndexPage.Bytes, 1, false, 1, 0);
                IndexAddOutcome outcome = index.Add(KeyOf(i, pagesPerFile), record, 0, 1, recovered: false, dropped);
                BenchmarkRun.Check(outcome == IndexAddOutcome.Added, $"page {i} was not added: {outcome}");
            }
        });
        BenchmarkRun.Check(index.PageCount == pages, $"{index.PageCount} pages in the index, not {pages}");
        return index;
    }

    /// <summary>Random pages; each found record must be the page's.</summary>
    private void Find(PageIndex index, int pagesPerFile, int seed, int count, int pages = 0)
    {
        pages = pages == 0 ? Pages : pages;
        ulong state = (ulong)seed;
        for (int i = 0; i < count; i++)
        {
            int page = (int)(Next(ref state) % (ulong)pages);
            bool found = index.TryFind(KeyOf(page, pagesPerFile), 4096, out _, out IndexedRecord record);
            if (!found || record.Place.Slot != (ushort)(page / PagesPerSegment) || record.Place.Step != (uint)(page % PagesPerSegment) * 257)
            {
                throw new WrongAnswerException($"page {page} is not found or somewhere else");
            }

            CountedPins.Release(record.Place);
        }
    }

    private static PageKey KeyOf(int page, int pagesPerFile)
    {
        ulong state = (ulong)(page / pagesPerFile);
        return new PageKey(new FileId(Next(ref state), Next(ref state)), new FileVersion(state | 1), (uint)(page % pagesPerFile));
    }

    /// <summary>SplitMix64 (Steele, Lea, Flood, OOPSLA 2014).</summary>
    private static ulong Next(ref ulong state)
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Counts pins as a store does, and keeps the lists of the segments' records as one does.</summary>
    private sealed class CountedPins(bool withLists) : IIndexObserver
    {
        private static readonly int[] Counts = new int[ushort.MaxValue + 1];
        private readonly SegmentRecords[] _lists = withLists ? [.. Enumerable.Range(0, (AllPages / PagesPerSegment) + 1).Select(static _ => new SegmentRecords())] : [];

        public static void Release(RecordPlace place) => Interlocked.Decrement(ref Counts[place.Slot]);

        public void Pin(RecordPlace place) => Interlocked.Increment(ref Counts[place.Slot]);

        public void Unpin(RecordPlace place) => Release(place);

        public bool OnAdded(RecordId id, in PageKey page, in IndexedRecord record)
        {
            if (withLists)
            {
                _lists[record.Place.Slot].Add(new SegmentEntry(record.Place.Step, id));
            }

            return true;
        }

        /// <summary>No segment gets more records.</summary>
        public void Seal() => Array.ForEach(_lists, static l => l.Trim());
    }
}
