using Dora.Benchmarks.Harness;

namespace Dora.Benchmarks.Metadata;

/// <summary>What was measured at one size.</summary>
internal sealed record SizeResult(long Files, long Budget, long DiskBytes, ChildRun? Fill, ChildRun Start, ChildRun Disk, ChildRun Store, ChildRun? Small);

/// <summary>Makes the rows. Targets hold at the largest size only.</summary>
internal sealed class MetadataRows(BenchmarkRun run, long largest)
{
    private const double MiB = 1 << 20;
    private SizeResult? _last;

    internal void Add(SizeResult result, SizeResult? first)
    {
        _last = result;
        bool isLargest = result.Files == largest;
        string size = $"{result.Files:N0} files";
        if (result.Fill is { } fill)
        {
            AddFill(size, fill, result.Budget, isLargest);
        }

        run.Add(new BenchmarkRow(size, "disk per file", "bytes", (double)result.DiskBytes / result.Files, Target: isLargest ? "<= 150" : null));
        run.Add(new BenchmarkRow(size, "process start to first answer", "s", result.Start.FirstLineSeconds, Target: isLargest ? "<= 2" : null));
        AddReads(result, first, "disk", result.Disk, first?.Disk);
        AddReads(result, first, "store", result.Store, first?.Store);
        run.Add(new BenchmarkRow(size, "store, answered from memory", "", result.Store["store hits"]));
        if (result.Small is { } small)
        {
            AddReads(result, first, "small", small, first?.Small);
        }

        run.Add(new BenchmarkRow(size, "memory level filled from disk after a start", "s", result.Store["store warm-up"]));
        run.Add(new BenchmarkRow(size, "entries in memory", "of all", result.Store["store entries"] / result.Files));
        run.Add(new BenchmarkRow(size, "RSS, peak while reading", "MiB", result.Store["store rss"] / MiB, Target: isLargest ? "<= 2048" : null));
        double taken = result.Store["store rss"] - result.Store["store rss before"];
        run.Add(new BenchmarkRow(
            size, "RSS above the bare process while reading", "MiB", taken / MiB, "memory budget", result.Budget / MiB, isLargest ? "<= 1.1" : null));
        run.Add(new BenchmarkRow(size, "indexes and filters in memory", "bytes/file", result.Disk["disk table bytes"] / result.Files));
        run.Add(new BenchmarkRow(
            size, "forget a directory of 1,000 files", "ms", result.Store["forget directory"],
            first is null ? null : $"with {first.Files:N0} files", first?.Store["forget directory"]));
    }

    private void AddFill(string size, ChildRun fill, long budget, bool isLargest)
    {
        run.Add(new BenchmarkRow(size, "put, batches", "puts/s", fill["put"]));
        run.Add(new BenchmarkRow(size, "put, one by one", "puts/s", fill["put single"]));
        run.Add(new BenchmarkRow(size, "put, longest GC pause", "ms", fill["put gc pause"], Target: isLargest ? "<= 50" : null));
        run.Add(new BenchmarkRow(size, "full compaction", "s", fill["compaction"]));
        run.Add(new BenchmarkRow(size, "RSS, peak while filling and compacting", "MiB", fill["compaction rss"] / MiB, Target: isLargest ? "<= 2048" : null));
        double filling = fill["compaction rss"] - fill["put rss before"];
        run.Add(new BenchmarkRow(
            size, "RSS above the bare process while filling and compacting", "MiB", filling / MiB, "memory budget", budget / MiB, isLargest ? "<= 1.1" : null));
    }

    internal void AddPeer((double One, double Four)? peer)
    {
        string size = $"{largest:N0} files";
        run.Add(new BenchmarkRow(size, "disk level, uniform, 1 thread", "gets/s", _last!.Disk["disk uniform 1"], "db_bench readrandom", peer?.One, ">= 0.7"));
        run.Add(new BenchmarkRow(size, "disk level, uniform, 4 threads", "gets/s", _last.Disk["disk uniform 4"], "db_bench readrandom", peer?.Four, ">= 0.7"));
        run.Add(new BenchmarkRow(size, "whole store, uniform, 1 thread", "gets/s", _last.Store["store uniform 1"], "db_bench readrandom", peer?.One, ">= 0.7"));
        run.Add(new BenchmarkRow(size, "whole store, uniform, 4 threads", "gets/s", _last.Store["store uniform 4"], "db_bench readrandom", peer?.Four, ">= 0.7"));
    }

    internal void AddHot(long entries, ChildRun hot)
    {
        string size = $"{entries:N0} entries in memory";
        run.Add(new BenchmarkRow(size, "longest GC pause, a forced full one included", "ms", hot["hot gc pause"], Target: "<= 50"));
        run.Add(new BenchmarkRow(size, "GC pauses while reading, together", "ms", hot["hot gc total"]));
        run.Add(new BenchmarkRow(size, "memory of the process", "bytes/entry", hot["hot bytes"]));
        run.Add(new BenchmarkRow(size, "misses", "", hot["hot missing"], Target: "<= 0.02"));
    }

    private void AddReads(SizeResult result, SizeResult? first, string level, ChildRun run1, ChildRun? run0)
    {
        string size = $"{result.Files:N0} files";
        bool isLargest = result.Files == largest && first is not null;
        string? against = first is null ? null : $"with {first.Files:N0} files";
        (string shown, string figures) = level switch { "disk" => ("disk level", "disk"), "small" => ("whole store in 256 MiB", "store"), _ => ("whole store", "store") };
        bool hasTargets = isLargest && level != "small";
        foreach (string spread in (ReadOnlySpan<string>)["uniform", "zipf"])
        {
            foreach (int threads in (ReadOnlySpan<int>)[1, 4])
            {
                string name = $"{figures} {spread} {threads}";
                string label = $"{shown}, {spread}, {threads} {(threads == 1 ? "thread" : "threads")}";
                run.Add(new BenchmarkRow(size, label, "gets/s", run1[name], against, run0?[name], hasTargets ? ">= 0.85" : null));
                run.Add(new BenchmarkRow(size, label + ", p50", "us", run1[name + " p50"], against, run0?[name + " p50"]));
                run.Add(new BenchmarkRow(size, label + ", p99", "us", run1[name + " p99"], against, run0?[name + " p99"], hasTargets ? "<= 1.2" : null));
                run.Add(new BenchmarkRow(size, label + ", p999", "us", run1[name + " p999"], against, run0?[name + " p999"]));
                run.Add(new BenchmarkRow(size, label + ", longest GC pause", "ms", run1[name + " gc pause"], Target: isLargest ? "<= 50" : null));
            }
        }
    }
}
