using System.Diagnostics;
using System.Globalization;
using Dora.Benchmarks.Harness;
using Dora.Storage.Metadata;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dora.Benchmarks.Metadata;

/// <summary>The hidden mode: one phase in a process of its own, so that its memory and its start are measured alone. Says <c>name=value</c> lines.</summary>
internal static class MetadataChild
{
    internal const string Verb = "metadata-child";
    private const int Listing = 10_000; // entries per batch, as a page of a listing brings them
    private const int SinglePuts = 100_000;

    /// <param name="arguments">Phase, directory, memory budget in bytes, files before, files after, milliseconds per case.</param>
    internal static int Run(string[] arguments)
    {
        string directory = arguments[1];
        long[] numbers = [.. arguments[2..].Select(static n => long.Parse(n, CultureInfo.InvariantCulture))];
        var options = new MetadataStoreOptions { Directory = directory, MemoryBudgetBytes = numbers[0] };
        try
        {
            switch (arguments[0])
            {
                case "fill":
                    Fill(options, numbers[1], numbers[2]);
                    break;
                case "start":
                    Start(options, numbers[2]);
                    break;
                case "disk":
                    ReadDisk(options, numbers[2], TimeSpan.FromMilliseconds(numbers[3]));
                    break;
                case "store":
                    ReadStore(options, numbers[2], TimeSpan.FromMilliseconds(numbers[3]));
                    break;
                case "hot":
                    Hot(options, numbers[2], TimeSpan.FromMilliseconds(numbers[3]));
                    break;
                default:
                    throw new ArgumentException($"no phase '{arguments[0]}'", nameof(arguments));
            }

            return 0;
        }
        catch (WrongAnswerException wrong)
        {
            Console.Error.WriteLine($"wrong answer: {wrong.Message}");
            return 1;
        }
    }

    private static void Fill(MetadataStoreOptions options, long from, long to)
    {
        Say("put rss before", ProcessMemory.Bytes());
        var disk = OpenDisk(options);
        using (TwoLevelMetadataStore store = Over(options, disk))
        {
            var pauses = new PauseWatch();
            TimeSpan timed = TimeSpan.Zero;
            List<FileMetadata> batch = new(Listing);
            for (long number = from; number < to; number += batch.Count)
            {
                batch.Clear();
                for (long i = number; i < Math.Min(to, number + Listing); i++)
                {
                    batch.Add(MetadataFiles.File(i));
                }

                long started = Stopwatch.GetTimestamp();
                store.PutUnlessNewer(batch, null);
                timed += Stopwatch.GetElapsedTime(started);
                pauses.Look();
            }

            Say("put", (to - from) / timed.TotalSeconds);
            Say("put gc pause", pauses.LongestMilliseconds);
            Say("put rss", ProcessMemory.PeakBytes());
            Say("put single", SinglePutsPerSecond(store, to));
            long compacting = Stopwatch.GetTimestamp();
            disk.Compact();
            Say("compaction", Stopwatch.GetElapsedTime(compacting).TotalSeconds);
            Say("compaction rss", ProcessMemory.PeakBytes());
        }
    }

    /// <summary>Puts one by one what is there already, spread over all: what single answers of the store do.</summary>
    private static double SinglePutsPerSecond(TwoLevelMetadataStore store, long files)
    {
        var random = new Random(1);
        FileMetadata[] again = [.. Enumerable.Range(0, (int)Math.Min(SinglePuts, files)).Select(_ => MetadataFiles.File(random.NextInt64(files)))];
        long started = Stopwatch.GetTimestamp();
        Array.ForEach(again, store.Put);
        return again.Length / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private static void Start(MetadataStoreOptions options, long files)
    {
        using TwoLevelMetadataStore store = Over(options, OpenDisk(options));
        long number = files / 3;
        FileMetadata? found = store.Get(FileId.FromUfsPath(MetadataFiles.Path(number)));
        BenchmarkRun.Check(MetadataFiles.IsRight(number, found), $"wrong metadata of file {number} after a restart");
        Say("answered", 1);
    }

    private static void ReadDisk(MetadataStoreOptions options, long files, TimeSpan time)
    {
        using RocksMetadataStore disk = OpenDisk(options);
        using var store = new DiskOnly(disk);
        Verify(store, files);
        foreach (bool isZipf in (ReadOnlySpan<bool>)[false, true])
        {
            foreach (int threads in (ReadOnlySpan<int>)[1, 4])
            {
                Read("disk", store, files, threads, isZipf, time);
            }
        }

        Say("disk table bytes", disk.TableMemoryBytes);
    }

    private static void ReadStore(MetadataStoreOptions options, long files, TimeSpan time)
    {
        long before = ProcessMemory.Bytes();
        using TwoLevelMetadataStore store = Over(options, OpenDisk(options));
        long opened = Stopwatch.GetTimestamp();
        BenchmarkRun.Check(store.WaitForWarmUp(TimeSpan.FromMinutes(10)), "memory was to be filled from disk within 10 minutes");
        Say("store warm-up", Stopwatch.GetElapsedTime(opened).TotalSeconds);
        Verify(store, files);
        foreach (bool isZipf in (ReadOnlySpan<bool>)[false, true])
        {
            foreach (int threads in (ReadOnlySpan<int>)[1, 4])
            {
                Read("store", store, files, threads, isZipf, time);
            }
        }

        MetadataStoreStatistics statistics = store.Statistics;
        Say("store hits", (double)statistics.MemoryHits / (statistics.MemoryHits + statistics.DiskHits));
        Say("store entries", statistics.MemoryEntries);
        Say("store rss", ProcessMemory.PeakBytes());
        Say("store rss before", before);
        long middle = files / 2;
        long started = Stopwatch.GetTimestamp();
        int removed = store.EnumerateUnder(MetadataFiles.Directory(middle)).Count(m => store.Remove(m.Id));
        Say("forget directory", Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        Say("forgotten", removed);
        long first = middle / MetadataFiles.PerDirectory * MetadataFiles.PerDirectory;
        store.PutUnlessNewer([.. Enumerable.Range(0, removed).Select(i => MetadataFiles.File(first + i))], null); // the next size has them again
    }

    /// <summary>Fills the memory level alone and lets the collector do its worst.</summary>
    private static void Hot(MetadataStoreOptions options, long entries, TimeSpan time)
    {
        // Room for a fifteenth more: sets fill a little unevenly.
        var cache = new MemoryMetadataCache(int.MaxValue, entries / MemorySet.Ways * MemorySet.Size * 16 / 15, new MetadataExpiry(options, TimeProvider.System));
        for (long number = 0; number < entries; number++)
        {
            FileMetadata metadata = MetadataFiles.File(number);
            lock (cache.LockOf(metadata.Id))
            {
                cache.Put(metadata, isUsed: true);
            }
        }

        var pauses = new PauseWatch();
        var random = new Random(1);
        long reads = 0, missing = 0, started = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(started) < time)
        {
            long number = random.NextInt64(entries);
            string path = MetadataFiles.Path(number);
            FileId file = FileId.FromUfsPath(path);
            lock (cache.LockOf(file))
            {
                missing += cache.Get(file, path) is null ? 1 : 0;
            }

            if (++reads % 4096 == 0)
            {
                pauses.Look();
            }
        }

        GC.Collect(2, GCCollectionMode.Forced, blocking: true);
        pauses.Look();
        Say("hot entries", cache.Entries);
        Say("hot missing", (double)missing / reads);
        Say("hot gc pause", pauses.LongestMilliseconds);
        Say("hot gc total", pauses.TotalMilliseconds);
        Say("hot bytes", (double)ProcessMemory.Bytes() / cache.Entries);
        GC.KeepAlive(cache);
    }

    private static void Verify(IMetadataStore store, long files)
    {
        var random = new Random(5);
        for (int i = 0; i < 20_000; i++)
        {
            long number = random.NextInt64(files);
            string path = MetadataFiles.Path(number);
            BenchmarkRun.Check(MetadataFiles.IsRight(number, store.Get(FileId.FromUfsPath(path), path)), $"wrong metadata of '{path}'");
            string absent = path + ".absent";
            BenchmarkRun.Check(store.Get(FileId.FromUfsPath(absent), absent) is null, $"'{absent}' is known");
        }
    }

    private static void Read(string level, IMetadataStore store, long files, int threads, bool isZipf, TimeSpan time)
    {
        new MetadataReads(store, files, threads, isZipf).Run(time / 2); // warm-up: caches and the compiler
        var reads = new MetadataReads(store, files, threads, isZipf);
        reads.Run(time);
        string name = $"{level} {(isZipf ? "zipf" : "uniform")} {threads}";
        Say(name, reads.PerSecond);
        Say(name + " p50", reads.Latency.Microseconds(0.5));
        Say(name + " p99", reads.Latency.Microseconds(0.99));
        Say(name + " p999", reads.Latency.Microseconds(0.999));
        Say(name + " gc pause", reads.Pauses.LongestMilliseconds);
    }

    private static RocksMetadataStore OpenDisk(MetadataStoreOptions options) =>
        new(options, new MetadataExpiry(options, TimeProvider.System), TimeProvider.System, NullLogger.Instance);

    private static TwoLevelMetadataStore Over(MetadataStoreOptions options, RocksMetadataStore disk) => new(options, disk, TimeProvider.System, NullLogger.Instance);

    private static void Say(string name, double value)
    {
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}={value:R}"));
        Console.Out.Flush();
    }
}
