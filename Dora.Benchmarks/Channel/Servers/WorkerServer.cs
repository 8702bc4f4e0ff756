using System.Globalization;
using System.Text.Json;
using Dora.Client;
using Dora.Silo.Hosting;

namespace Dora.Benchmarks.Channel.Servers;

/// <summary>A whole worker, as <c>dora-worker</c> runs it, and a client inside its process for the in-process case.</summary>
internal sealed class WorkerServer : IBenchServer
{
    internal const string Mount = "/bench";

    private readonly WorkerHost _worker;

    private WorkerServer(WorkerHost worker) => _worker = worker;

    public int Port => _worker.PagePort;

    internal static string Kind(bool polls) => polls ? "worker" : "sleeper";

    internal static string Data(TestFiles files, bool polls = true) => Path.Combine(files.Directory, "..", Kind(polls));

    internal static string Cluster(TestFiles files, bool polls = true) => Path.Combine(Data(files, polls), "cluster");

    internal static async Task<WorkerServer> StartAsync(TestFiles files, bool polls = true)
    {
        BytesGrain.File = File.OpenHandle(files.Large);
        var options = new WorkerOptions { DataDirectory = Data(files, polls), WorkerId = "bench", PageCapacityBytes = 1L << 30, SameHost = OperatingSystem.IsLinux() ? "on" : null };
        options = polls ? options : options with { PollTime = TimeSpan.Zero };
        var process = new WorkerProcessOptions(LogToStderr: false, ExitWithStdin: false, Verbose: false);
        return new WorkerServer(await WorkerHost.StartAsync(options, process, TimeProvider.System, CancellationToken.None));
    }

    public async Task<string> AskAsync(string question)
    {
        string[] words = question.Split(' ');
        await using DoraClient client = await DoraClient.ConnectAsync(_worker.Grains);
        InProcessResult result = await InProcessReads.MeasureAsync(client, int.Parse(words[1], CultureInfo.InvariantCulture));
        return JsonSerializer.Serialize(result);
    }

    public ValueTask DisposeAsync() => _worker.DisposeAsync();
}
