using Dora.Benchmarks.Harness;

namespace Dora.Benchmarks.Channel;

/// <summary>Turns the batches of a case into rows: the page channel against each contender, with the targets of the issue, then what everybody cost.</summary>
internal static class ChannelRows
{
    private const string Dora = Contenders.DoraContender.PageChannel;
    private const string Near = Contenders.DoraContender.SameHost;
    private const string Sleeping = Contenders.DoraContender.WithoutPolling;
    private const string Bare = "bare async socket";
    private const string Blocking = "bare blocking socket";
    private const string Grpc = "gRPC";
    private const string Nginx = "nginx";
    private const string Grain = "grain call";
    private const string ServerCpu = "server CPU per GiB";
    private const string BothCpu = "CPU per GiB of both ends";

    private static readonly (string Case, string Metric, string Against, string? Target)[] Comparisons =
    [
        ("4 KiB, 1 caller", "p50", Bare, "<= 1.3"),
        ("4 KiB, 1 caller", "p50", Blocking, null),
        ("4 KiB, 1 caller", "rate", Grpc, ">= 2"),
        ("4 KiB, 1 caller", "rate", Nginx, null),
        ("4 KiB, 1 caller", "rate", Grain, null),
        ("4 KiB, 1 caller", "rate", Sleeping, null),
        ("4 KiB, 64 callers", "rate", Grpc, ">= 3"),
        ("4 KiB, 64 callers", "rate", Nginx, ">= 1.5"),
        ("4 KiB, 64 callers", "rate", Bare, null),
        ("4 KiB, 64 callers", "rate", Blocking, null),
        ("4 KiB, 64 callers", "rate", Grain, null),
        ("4 KiB, 64 callers", "rate", Sleeping, null),
        ("64 KiB, 4 callers", "rate", Bare, ">= 0.9"),
        ("64 KiB, 4 callers", "rate", Grpc, ">= 2"),
        ("64 KiB, 4 callers", "rate", Blocking, null),
        ("64 KiB, 4 callers", "rate", Nginx, null),
        ("64 KiB, 4 callers", "rate", Grain, null),
        ("64 KiB, 4 callers", "rate", Sleeping, null),
        ("1 MiB, 1 caller", "throughput", Bare, ">= 0.9"),
        ("1 MiB, 1 caller", "throughput", Grpc, ">= 1.5"),
        ("1 MiB, 1 caller", "throughput", Nginx, ">= 1"),
        ("1 MiB, 1 caller", ServerCpu, Nginx, "<= 1"),
        ("1 MiB, 1 caller", BothCpu, Nginx, null),
        ("1 MiB, 1 caller", "throughput", Blocking, null),
        ("1 MiB, 1 caller", "throughput", Grain, null),
        ("1 MiB, 4 callers", "throughput", Bare, ">= 0.9"),
        ("1 MiB, 4 callers", "throughput", Grpc, ">= 1.5"),
        ("1 MiB, 4 callers", "throughput", Nginx, ">= 1"),
        ("1 MiB, 4 callers", ServerCpu, Nginx, "<= 1"),
        ("1 MiB, 4 callers", BothCpu, Nginx, null),
        ("1 MiB, 4 callers", "throughput", Blocking, null),
        ("1 MiB, 4 callers", "throughput", Grain, null),
        ("1 MiB, 4 callers", "throughput", Sleeping, null),
        ("open and read 100 KB files, 16 callers", "rate", Nginx, ">= 1"),
        ("open and read 100 KB files, 16 callers", ServerCpu, Nginx, "<= 1"),
        ("open and read 100 KB files, 16 callers", BothCpu, Nginx, null),
        ("open and read 100 KB files, 16 callers", "rate", Sleeping, null),
    ];

    private static readonly (string Case, string Metric, string Against, string? Target)[] NearComparisons =
    [
        ("4 KiB, 1 caller", "p50", Dora, null),
        ("4 KiB, 1 caller", "rate", Dora, null),
        ("4 KiB, 64 callers", "rate", Dora, null),
        ("64 KiB, 4 callers", "rate", Dora, null),
        ("64 KiB, 4 callers", "rate", Grpc, ">= 2"),
        ("1 MiB, 1 caller", "throughput", Dora, null),
        ("1 MiB, 4 callers", "throughput", Dora, null),
        ("1 MiB, 4 callers", "throughput", Bare, ">= 0.9"),
        ("open and read 100 KB files, 16 callers", "rate", Dora, null),
        ("open and read 100 KB files, 16 callers", "rate", Nginx, ">= 1.5"),
    ];

    internal static void Add(BenchmarkRun run, LoadCase load, IReadOnlyDictionary<string, List<Batch>> batches)
    {
        Compare(run, load, load.Name, batches, Dora, Comparisons);
        if (batches.ContainsKey(Near))
        {
            Compare(run, load, $"{Near}, {load.Name}", batches, Near, NearComparisons);
        }

        foreach ((string name, List<Batch> own) in batches)
        {
            string about = $"{load.Name}: {name}";
            double requests = own.Sum(static b => b.Requests), gib = requests * load.Bytes / (1 << 30);
            run.Add(new BenchmarkRow(about, "p50", "us", Value(load, "p50", own)));
            run.Add(new BenchmarkRow(about, "p99", "us", Value(load, "p99", own)));
            run.Add(new BenchmarkRow(about, "client CPU per GiB", "s", own.Sum(static b => b.ClientCpu) / gib));
            run.Add(new BenchmarkRow(about, "server CPU per GiB", "s", own.Sum(static b => b.ServerCpu) / gib));
            string? target = name is Dora or Near ? "<= 64" : null;
            run.Add(new BenchmarkRow(about, "client allocated per request", "B", own.Sum(static b => b.ClientAllocated) / requests, Target: target));
            if (own.TrueForAll(static b => b.ServerAllocated is not null))
            {
                run.Add(new BenchmarkRow(about, "server allocated per request", "B", own.Sum(static b => b.ServerAllocated!.Value) / requests, Target: target));
            }
        }
    }

    private static void Compare(
        BenchmarkRun run,
        LoadCase load,
        string about,
        IReadOnlyDictionary<string, List<Batch>> batches,
        string own,
        (string Case, string Metric, string Against, string? Target)[] comparisons)
    {
        foreach ((_, string metric, string against, string? target) in comparisons.Where(c => c.Case == load.Name))
        {
            double? peer = batches.TryGetValue(against, out List<Batch>? theirs) ? Value(load, metric, theirs) : null;
            run.Add(new BenchmarkRow(about, metric, Unit(metric), Value(load, metric, batches[own]), against, peer, target));
        }
    }

    private static string Unit(string metric) => metric switch { "rate" => "1/s", "throughput" => "MB/s", ServerCpu or BothCpu => "s", _ => "us" };

    private static double Value(LoadCase load, string metric, List<Batch> batches) => metric switch
    {
        ServerCpu => batches.Sum(static b => b.ServerCpu) / Gib(load, batches),
        BothCpu => batches.Sum(static b => b.ServerCpu + b.ClientCpu) / Gib(load, batches),
        _ => Median(load, metric, batches),
    };

    private static double Gib(LoadCase load, List<Batch> batches) => batches.Sum(static b => (double)b.Requests) * load.Bytes / (1 << 30);

    private static double Median(LoadCase load, string metric, List<Batch> batches) => Statistics.Median(batches.Select(b => metric switch
    {
        "rate" => b.Requests / b.Seconds,
        "throughput" => b.Requests * load.Bytes / b.Seconds / 1e6,
        "p50" => b.P50 * 1e6,
        _ => b.P99 * 1e6,
    }));
}
