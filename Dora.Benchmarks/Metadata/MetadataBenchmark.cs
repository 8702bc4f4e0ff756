using System.CommandLine;
using System.Globalization;
using Dora.Benchmarks.Harness;
using Dora.Storage.Metadata;

namespace Dora.Benchmarks.Metadata;

/// <summary>Creates and reads the metadata of many files, in one store that grows from size to size, each phase in a process of its own.</summary>
internal sealed class MetadataBenchmark : IBenchmark
{
    private const int ValueBytes = 92; // of a record with a path of 60 characters
    private const int HotEntries = 10_000_000;
    private const long SmallBudget = 256L << 20;

    private readonly Option<string> _files = new("--files") { Description = "Sizes to measure, ascending, for example 4800000,24000000,48000000. Default: 100000,1000000." };
    private readonly Option<string> _directory = new("--directory") { Description = "Where the stores are made and removed: 10 GB at 48 million files. Default: the temp directory." };
    private readonly Option<long> _memory = new("--memory") { Description = "The store's memory budget in bytes. Default: a worker's, a twelfth of the machine's memory from 256 MiB to 1,920 MiB." };
    private readonly Option<string?> _keep = new("--keep") { Description = "Where the store is made and left, for --reuse." };
    private readonly Option<string?> _reuse = new("--reuse") { Description = "Reads the store that a run with --keep left there, at most 6 days old, instead of filling one. --files names its size." };

    /// <summary>Sizes when the command line has none.</summary>
    internal string? DefaultSizes { get; init; }

    /// <summary>How long each case of reads takes; by default as long as the sizes need.</summary>
    internal int? CaseMilliseconds { get; init; }

    public string Name => "metadata";

    public string Description => "The metadata store with millions of files against db_bench: puts, gets, memory, disk, restart, collector pauses.";

    public IReadOnlyList<Option> Options => [_files, _directory, _memory, _keep, _reuse];

    public async Task MeasureAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        long[] sizes = Sizes(run.Parsed?.GetValue(_files) ?? DefaultSizes ?? (run.Quick ? "20000,100000" : "100000,1000000"));
        string parent = run.Parsed?.GetValue(_directory) ?? Path.GetTempPath();
        string directory = Directory.CreateDirectory(Path.Combine(parent, $"dora-bench-metadata-{Environment.ProcessId}")).FullName;
        long budget = run.Parsed?.GetValue(_memory) is { } given and > 0 ? given : new MetadataStoreOptions { Directory = directory }.MemoryBudgetBytes;
        try
        {
            await MeasureAsync(run, directory, sizes, budget, run.Parsed?.GetValue(_reuse), run.Parsed?.GetValue(_keep), cancellation);
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static long[] Sizes(string text) => [.. text.Split(',').Select(static n => long.Parse(n, CultureInfo.InvariantCulture)).Order()];

    private async Task MeasureAsync(BenchmarkRun run, string directory, long[] sizes, long budget, string? reuse, string? keep, CancellationToken cancellation)
    {
        int time = CaseMilliseconds ?? (run.Quick || sizes[^1] < 1_000_000 ? 1000 : 5000);
        string store = reuse ?? keep ?? Path.Combine(directory, "store");
        var rows = new MetadataRows(run, sizes[^1]);
        long before = 0;
        SizeResult? first = null;
        foreach (long files in sizes)
        {
            ChildRun? fill = null;
            if (reuse is null)
            {
                run.Progress($"{files:N0} files: filling");
                fill = await ChildRun.StartAsync("fill", store, budget, before, files, time, cancellation);
            }

            long bytes = PageCache.Bytes(store);
            PageCache.Warm(store);
            ChildRun start = await ChildRun.StartAsync("start", store, budget, 0, files, time, cancellation);
            run.Progress($"{files:N0} files: reading");
            ChildRun disk = await ChildRun.StartAsync("disk", store, budget, 0, files, time, cancellation);
            ChildRun both = await ChildRun.StartAsync("store", store, budget, 0, files, time, cancellation);
            BenchmarkRun.Check((long)both["forgotten"] == Math.Min(1000, files), "the files of one directory were to be forgotten");
            ChildRun? small = budget > SmallBudget ? await ChildRun.StartAsync("store", store, SmallBudget, 0, files, time, cancellation) : null;
            var result = new SizeResult(files, budget, bytes, fill, start, disk, both, small);
            rows.Add(result, first);
            first ??= result;
            before = files;
        }

        await ComparePeerAsync(run, rows, directory, sizes[^1], budget, time, cancellation);
        long hot = Math.Min(HotEntries, sizes[^1]);
        run.Progress($"{hot:N0} entries in memory");
        rows.AddHot(hot, await ChildRun.StartAsync("hot", directory, budget, 0, hot, time, cancellation));
        run.Note("the stores lie in the page cache before they are read; gets are timed with path and file id given");
        run.Note("the whole store is read after its memory level has been filled from disk, which happens by itself after a start");
        run.Note("one store grows from size to size: puts of a size are those that bring it there, in batches of 10,000; it is compacted before it is read");
    }

    private static async Task ComparePeerAsync(BenchmarkRun run, MetadataRows rows, string directory, long files, long budget, int time, CancellationToken cancellation)
    {
        run.Progress("db_bench");
        string database = Directory.CreateDirectory(Path.Combine(directory, "db_bench")).FullName;
        long cache = new MetadataStoreOptions { Directory = directory, MemoryBudgetBytes = budget }.BlockCacheBytes / 2;
        (double One, double Four)? peer = await DbBenchPeer.TryRunAsync(database, files, ValueBytes, cache, time, cancellation);
        if (peer is null)
        {
            run.Note("db_bench (RocksDB's benchmark program, Debian: rocksdb-tools) is not installed: its rows have no figures");
        }

        rows.AddPeer(peer);
        Directory.Delete(database, recursive: true);
    }
}
