using System.Globalization;
using System.Text.Json;
using Dora.Client;
using Dora.Silo.Hosting;

namespace Dora.Benchmarks.Channel.Servers;

/// <summary>How a worker of the benchmark differs from the default.</summary>
internal enum WorkerKind
{
    /// <summary>In nothing.</summary>
    Worker,

    /// <summary>It does not poll.</summary>
    Sleeper,

    /// <summary>It speaks TLS.</summary>
    Tls,
}

/// <summary>A whole worker, as <c>dora-worker</c> runs it, and a client inside its process for the in-process case.</summary>
internal sealed class WorkerServer : IBenchServer
{
    internal const string Mount = "/bench";

    private readonly WorkerHost _worker;

    private WorkerServer(WorkerHost worker) => _worker = worker;

    public int Port => _worker.PagePort;

    internal static string Data(TestFiles files, WorkerKind kind) => Path.Combine(files.Directory, "..", kind.ToString());

    internal static string Cluster(TestFiles files, WorkerKind kind = WorkerKind.Worker) => Path.Combine(Data(files, kind), "cluster");

    internal static async Task<WorkerServer> StartAsync(TestFiles files, WorkerKind kind)
    {
        BytesGrain.File = File.OpenHandle(files.Large);
        var options = new WorkerOptions { DataDirectory = Data(files, kind), WorkerId = "bench", PageCapacityBytes = 1L << 30, SameHost = OperatingSystem.IsLinux() ? "on" : null };
        options = kind switch
        {
            WorkerKind.Sleeper => options with { PollTime = TimeSpan.Zero },
            WorkerKind.Tls => options with { TlsCertificate = files.Certificate },
            _ => options,
        };
        var process = new WorkerProcessOptions(LogToStderr: false, ExitWithStdin: false, Verbose: false);
        return new WorkerServer(await WorkerHost.StartAsync(options, process, TimeProvider.System, CancellationToken.None));
    }

    public async Task<string> AskAsync(string question)
    {
        string[] words = question.Split(' ');
        await using DoraClient client = await DoraClient.ConnectAsync(
            _worker.Grains, new DoraClientOptions { Channel = new() { LocalWorkers = _worker.LocalWorkers } });
        InProcessResult result = await InProcessReads.MeasureAsync(client, int.Parse(words[1], CultureInfo.InvariantCulture));
        return JsonSerializer.Serialize(result);
    }

    public ValueTask DisposeAsync() => _worker.DisposeAsync();
}
