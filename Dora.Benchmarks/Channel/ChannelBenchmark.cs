using System.Text.Json;
using Dora.Benchmarks.Channel.Contenders;
using Dora.Benchmarks.Channel.Servers;
using Dora.Benchmarks.Harness;

namespace Dora.Benchmarks.Channel;

/// <summary>The page channel against bare sockets, gRPC, nginx and grain calls: same files, same sizes, same load generator, in turns.</summary>
internal sealed class ChannelBenchmark : IBenchmark
{
    private static readonly LoadCase[] Cases =
    [
        new("4 KiB, 1 caller", 4096, 1),
        new("4 KiB, 64 callers", 4096, 64),
        new("64 KiB, 4 callers", 65_536, 4),
        new("1 MiB, 1 caller", 1 << 20, 1),
        new("1 MiB, 4 callers", 1 << 20, 4),
        new("open and read 100 KB files, 16 callers", TestFiles.MediumBytes, 16, IsFiles: true),
    ];

    // Long enough for the runtime to compile the hot paths of both ends for good.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(1.2);

    public string Name => "channel";

    public string Description => "Warm reads over the page channel against bare sockets, gRPC, nginx and grain calls.";

    public async Task MeasureAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        DirectoryInfo temporary = Directory.CreateTempSubdirectory("dora-bench-channel-");
        try
        {
            var files = new TestFiles(Directory.CreateDirectory(Path.Combine(temporary.FullName, "files")).FullName);
            files.Write();
            await MeasureAsync(run, files, cancellation);
        }
        finally
        {
            temporary.Delete(recursive: true);
        }
    }

    private static async Task MeasureAsync(BenchmarkRun run, TestFiles files, CancellationToken cancellation)
    {
        var contenders = new List<IContender>();
        try
        {
            run.Progress("starting the servers");
            DoraContender dora = await DoraContender.StartAsync(files);
            contenders.Add(dora);
            DoraContender sleeper = await DoraContender.StartAsync(files, WorkerKind.Sleeper);
            contenders.Add(sleeper);
            var bare = new BareContender(await ServerProcess.StartAsync("async", files.Directory), isBlocking: false);
            contenders.Add(bare);
            contenders.Add(new BareContender(await ServerProcess.StartAsync("blocking", files.Directory), isBlocking: true));
            contenders.Add(new GrpcContender(await ServerProcess.StartAsync("grpc", files.Directory)));
            if (await NginxContender.TryStartAsync(files) is { } nginx)
            {
                contenders.Add(nginx);
            }
            else
            {
                run.Note("nginx is not installed: its rows have no figures");
            }

            contenders.Add(await GrainContender.ConnectAsync(dora.Server, files));
            IContender near = dora;
            if (OperatingSystem.IsLinux())
            {
                near = await dora.OnSameHostAsync(files);
                contenders.Add(near);
            }

            string? only = Environment.GetEnvironmentVariable("DORA_BENCH_ONLY");
            foreach (LoadCase load in Cases.Where(c => only is null || c.Name.Contains(only, StringComparison.Ordinal)))
            {
                cancellation.ThrowIfCancellationRequested();
                await MeasureCaseAsync(run, contenders, load);
            }

            if (only is null)
            {
                await MeasureInProcessAsync(run, dora.Server);
            }

            if (only is null or "tls")
            {
                await TlsCase.MeasureAsync(run, files, dora);
            }

            if (only is null or "batch")
            {
                await BatchCase.MeasureAsync(run, dora);
            }

            if (only is null or "transfers")
            {
                await Transfers.MeasureAsync(run, files, near, bare);
            }

            if (only is null or "polling")
            {
                await Polling.MeasureAsync(run, dora, sleeper);
            }
        }
        finally
        {
            contenders.Reverse();
            foreach (IContender contender in contenders)
            {
                await contender.DisposeAsync();
            }
        }

        run.Note("gRPC is Grpc.AspNetCore and Grpc.Net.Client, HTTP/2 without TLS over one connection, messages of at most 256 KiB; nginx is asked by a bare socket that only finds the length in the head");
        run.Note("clients share one process; its CPU and allocations per request include the load generator's");
    }

    private static async Task MeasureCaseAsync(BenchmarkRun run, IReadOnlyList<IContender> contenders, LoadCase load)
    {
        run.Progress(load.Name);
        string? who = Environment.GetEnvironmentVariable("DORA_BENCH_WHO");
        var turns = new Turns(WarmUp, TimeSpan.FromSeconds(run.Quick ? 0.25 : 0.5), run.Quick ? 5 : 6);
        IEnumerable<IContender> those = contenders.Where(c => !load.IsFiles || c is DoraContender or NginxContender)
            .Where(c => load.Name != "1 MiB, 1 caller" || c is not DoraContender { Polls: false })
            .Where(c => who is null || who.Split(',').Contains(c.Name));
        ChannelRows.Add(run, load, await turns.RunAsync(those, load));
    }

    private static async Task MeasureInProcessAsync(BenchmarkRun run, ServerProcess server)
    {
        run.Progress("in-process");
        var results = new List<InProcessResult>();
        for (int round = 0; round < 5; round++)
        {
            results.Add(JsonSerializer.Deserialize<InProcessResult>(await server.AskAsync($"inprocess {(run.Quick ? 50_000 : 200_000)}"))!);
        }

        const string Case = "in-process 4 KiB";
        run.Add(new BenchmarkRow(Case, "p50", "us", Statistics.Median(results.Select(static r => r.P50 * 1e6)), Target: "<= 3"));
        run.Add(new BenchmarkRow(Case, "p99", "us", Statistics.Median(results.Select(static r => r.P99 * 1e6))));
        run.Add(new BenchmarkRow(Case, "allocated per read", "B", Math.Floor(results.Min(static r => r.BytesPerRead)), Target: "<= 0"));
    }
}
