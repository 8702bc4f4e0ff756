using System.Globalization;
using Dora.Benchmarks.Harness;
using Dora.Benchmarks.Pages.Policies;
using Dora.Benchmarks.Pages.Traces;
using Dora.Storage.Pages.Eviction;

namespace Dora.Benchmarks.Pages;

/// <summary>Which eviction policy: hit ratios on generated traces at several cache sizes, and what a restart costs. The decision is docs/decisions/0006-eviction-policy.md.</summary>
internal static class HitRatios
{
    private const string Default = "Dora: frequency";
    private const int Seed = 1;
    private const int ReadsPerPage = 10;
    private static readonly double[] CacheSizes = [0.01, 0.05, 0.1, 0.25, 0.5, 0.8];

    private static readonly (string Name, Func<int, int, ICachePolicy> Create)[] Policies =
    [
        ("LRU", static (capacity, pages) => new LruPolicy(capacity, pages)),
        ("FIFO", static (capacity, pages) => new FifoPolicy(capacity, pages)),
        ("CLOCK", static (capacity, pages) => new ClockPolicy(capacity, pages)),
        ("SIEVE", static (capacity, pages) => new SievePolicy(capacity, pages)),
        ("S3-FIFO", static (capacity, pages) => new S3FifoPolicy(capacity, pages)),
        ("W-TinyLFU", static (capacity, pages) => new TinyLfuPolicy(capacity, pages)),
        ("Dora: SIEVE on the log", static (capacity, pages) => new SimulatedLog(new SieveEviction(), capacity, pages)),
        (Default, static (capacity, pages) => CreateDefault(capacity, pages)),
    ];

    internal static void Measure(BenchmarkRun run, int pages, CancellationToken cancellation)
    {
        foreach (Trace trace in TraceSet.All(pages, ReadsPerPage * pages, Seed))
        {
            foreach (double size in CacheSizes)
            {
                cancellation.ThrowIfCancellationRequested();
                MeasureAt(run, trace, (int)(pages * size), size);
            }

            run.Progress($"hit ratios: {trace.Name}");
        }

        MeasureRestart(run, pages);
        run.Note(string.Create(
            CultureInfo.InvariantCulture,
            $"hit ratios: {pages:N0} pages of one size, {ReadsPerPage * pages:N0} reads, seed {Seed}, empty cache at the start; cache size in percent of the pages. 'Dora: frequency' is the default of "
            + $"the page store, run as it is over a log without a disk. Traces without a target: 'uniform' has no past that tells anything, so no policy can be better than another; "
            + $"'shifting' (new popular pages after every 2 reads per page) and 'next data set' (a data set that fits follows one that is done) have LRU's best case in them and show the price of scan resistance."));
    }

    private static void MeasureAt(BenchmarkRun run, Trace trace, int capacity, double size)
    {
        string name = string.Create(CultureInfo.InvariantCulture, $"hit ratio, {trace.Name}, cache {size * 100} %");
        var hits = new Dictionary<string, int>();
        foreach ((string policy, Func<int, int, ICachePolicy> create) in Policies)
        {
            ICachePolicy cache = create(capacity, trace.Pages);
            hits[policy] = trace.Reads.Count(cache.Access);
            BenchmarkRun.Check(cache.Count <= capacity, $"{policy} holds {cache.Count} pages, its capacity is {capacity}");
            run.Add(new(name, policy, "%", Percent(hits[policy], trace.Reads.Length)));
        }

        run.Add(new(name, "default above LRU", "hits", hits[Default] - hits["LRU"], Target: trace.LruIsBeatable ? ">= 1" : null));
    }

    /// <summary>A restart in the middle of a Zipf trace: the half turnover after it, where a loss shows most, against the same reads without one.</summary>
    private static void MeasureRestart(BenchmarkRun run, int pages)
    {
        int[] reads = TraceSet.Zipf(pages, ReadsPerPage * pages, Seed).Reads;
        int capacity = pages / 10;
        int half = reads.Length / 2;
        foreach ((string what, bool keeps) in (ReadOnlySpan<(string, bool)>)[("after a restart", true), ("after a restart without a checkpoint", false)])
        {
            SimulatedLog stays = CreateDefault(capacity, pages);
            SimulatedLog other = CreateDefault(capacity, pages);
            _ = reads[..half].Count(p => stays.Access(p) & other.Access(p));
            other.Restart(new FrequencyEviction(capacity), keeps);
            int[] next = reads[half..(half + (pages / 4))];
            double before = Percent(next.Count(stays.Access), next.Length);
            double after = Percent(next.Count(other.Access), next.Length);
            run.Add(new($"hit ratio, {TraceSet.ZipfName}, cache 10 %", $"{what}, lost", "points", before - after, Target: keeps ? "<= 2" : null));
        }
    }

    private static SimulatedLog CreateDefault(int capacity, int pages) =>
        new(EvictionPolicies.Create(EvictionPolicyKind.Frequency, capacity), capacity, pages);

    private static double Percent(int hits, int reads) => 100.0 * hits / reads;
}
