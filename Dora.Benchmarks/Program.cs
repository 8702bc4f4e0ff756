using System.CommandLine;
using Dora.Benchmarks.Channel;
using Dora.Benchmarks.Channel.Servers;
using Dora.Benchmarks.Chaos;
using Dora.Benchmarks.Get;
using Dora.Benchmarks.Harness;
using Dora.Benchmarks.Load;
using Dora.Benchmarks.Metadata;
using Dora.Benchmarks.Pages;
using Dora.Benchmarks.Ring;
using Dora.Benchmarks.Stat;
using Spectre.Console;

if (args is [ServerProcess.Verb, var kind, var directory])
{
    return await ServerCommand.RunAsync(kind, directory);
}

if (args is [MetadataChild.Verb, .. var phase])
{
    return MetadataChild.Run(phase);
}

IBenchmark[] benchmarks = [new ChannelBenchmark(), new ChaosBenchmark(), new GetBenchmark(), new LoadBenchmark(), new MetadataBenchmark(), new PagesBenchmark(), new RingBenchmark(), new StatBenchmark()];

var json = new Option<bool>("--json") { Description = "One JSON object alone on stdout.", Recursive = true };
var quick = new Option<bool>("--quick") { Description = "Fewer samples: rougher figures, a much shorter run.", Recursive = true };
var root = new RootCommand("Measures Dora against limits and peers. Talk goes to stderr, the result to stdout.") { json, quick };
foreach (IBenchmark benchmark in benchmarks)
{
    var command = new Command(benchmark.Name, benchmark.Description);
    foreach (Option option in benchmark.Options)
    {
        command.Add(option);
    }

    command.SetAction((parsed, cancellation) => RunAsync(benchmark, parsed, parsed.GetValue(json), parsed.GetValue(quick), cancellation));
    root.Add(command);
}

// Without a name: the list.
return await root.Parse(args.Length == 0 ? ["--help"] : args).InvokeAsync();

static async Task<int> RunAsync(IBenchmark benchmark, ParseResult parsed, bool json, bool quick, CancellationToken cancellation)
{
    var run = new BenchmarkRun(quick, Console.Error) { Parsed = parsed };
    DateTimeOffset startedAt = TimeProvider.System.GetUtcNow();
    try
    {
        await benchmark.MeasureAsync(run, cancellation);
    }
    catch (WrongAnswerException wrong)
    {
        Console.Error.WriteLine($"wrong answer: {wrong.Message}");
        return 1;
    }

    BenchmarkReport report = run.ToReport(benchmark.Name, startedAt);
    if (json)
    {
        Console.Out.WriteLine(report.ToJson());
    }
    else
    {
        ReportTable.Write(report, AnsiConsole.Console);
    }

    return 0;
}
