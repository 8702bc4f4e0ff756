using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Dora.Silo.Hosting;
using Dora.Tests.Doubles;
using Dora.Tests.Waiting;

namespace Dora.Tests.Silo.Hosting;

/// <summary>The whole worker with real sockets and files, in this process.</summary>
[Trait("Category", "Cluster")]
public sealed class WorkerProcessTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TempDirectory _directory = new();

    public void Dispose()
    {
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _directory.Dispose();
    }

    [Fact]
    public async Task Run_UntilInputEnds_SaysReadyOnceAndEndsOk()
    {
        var worker = new Run(Options("w0"));

        JsonElement ready = await worker.ReadyAsync();
        Assert.Equal("w0", ready.GetProperty("workerId").GetString());
        Assert.Equal(Environment.ProcessId, ready.GetProperty("pid").GetInt32());
        foreach (string port in new[] { "siloPort", "gatewayPort", "pagePort" })
        {
            using var client = new TcpClient();
            await client.ConnectAsync(IPAddress.Loopback, ready.GetProperty(port).GetInt32()).Within(port);
        }

        Assert.Equal(WorkerExitCode.Ok, await worker.EndAsync());
        Assert.Single(worker.Output.TrimEnd().Split('\n'));
        Assert.Empty(worker.Errors);
        Assert.True(File.Exists(_directory["w0/worker.log"]));
    }

    [Fact]
    public async Task Run_SecondWorkerOnTheDirectory_IsRefusedInOneLine()
    {
        var first = new Run(Options("w0"));
        await first.ReadyAsync();

        await AssertRefusedAsync(Options("w0"), "is in use by another worker");

        Assert.Equal(WorkerExitCode.Ok, await first.EndAsync());
    }

    [Theory]
    [InlineData("--silo-port")]
    [InlineData("--gateway-port")]
    [InlineData("--page-port")]
    public async Task Run_PortInUse_IsRefusedInOneLine(string option)
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        WorkerOptions options = Options("w0");

        await AssertRefusedAsync(
            option switch
            {
                "--silo-port" => options with { SiloPort = port },
                "--gateway-port" => options with { GatewayPort = port },
                _ => options with { PagePort = port },
            },
            $"port {port}",
            "in use",
            option);
    }

    [Fact]
    public async Task Run_NewerFormat_IsRefusedInOneLine()
    {
        DataDirectory.Open(_directory["w0"], "w0").Dispose();
        File.WriteAllText(_directory["w0/format"], "9\n");

        await AssertRefusedAsync(Options("w0"), "was written by a newer Dora (format 9");
    }

    [Fact]
    public async Task Run_ClusterStoreIsNoDatabase_IsRefusedInOneLine()
    {
        _directory.Write("cluster/cluster.db", "this is no database, whatever its name says"u8);

        await AssertRefusedAsync(Options("w0"), "the cluster store", "cannot be opened");
    }

    [Fact]
    public async Task Run_AnotherClustersDirectory_IsRefusedInOneLine()
    {
        _directory.Write("cluster/id", "theirs\n"u8);

        await AssertRefusedAsync(Options("w0") with { ClusterId = "ours" }, "belongs to cluster 'theirs', not 'ours'");
    }

    private async Task AssertRefusedAsync(WorkerOptions options, params string[] words)
    {
        var refused = new Run(options);

        Assert.Equal(WorkerExitCode.Configuration, await refused.Ended.Within("the refusal", Patience));
        string line = Assert.Single(refused.Errors.TrimEnd().Split('\n'));
        Assert.StartsWith("dora-worker: ", line, StringComparison.Ordinal);
        Assert.All(words, w => Assert.Contains(w, line, StringComparison.Ordinal));
        Assert.Empty(refused.Output);
    }

    private WorkerOptions Options(string worker) =>
        new() { DataDirectory = _directory[worker], Cluster = _directory["cluster"], WorkerId = worker, PageCapacityBytes = 64 << 20 };

    private sealed class Run
    {
        private readonly Pipe _input = new();
        private readonly StringWriter _errors = new();
        private readonly SignallingOutput _output = new();

        public Run(WorkerOptions options) =>
            Ended = new WorkerProgram(_input.Reader.AsStream(), _output, _errors, TimeProvider.System).RunAsync(options, new WorkerProcessOptions(false, ExitWithStdin: true, false));

        public Task<WorkerExitCode> Ended { get; }

        public string Output => _output.ToString();

        public string Errors => _errors.ToString();

        public async Task<JsonElement> ReadyAsync()
        {
            await Task.WhenAny(_output.Line, Ended).Within("the worker is ready", Patience);
            Assert.True(_output.Line.IsCompleted, Errors);
            string line = await _output.Line;
            Assert.StartsWith("ready {", line, StringComparison.Ordinal);
            return JsonDocument.Parse(line["ready ".Length..]).RootElement;
        }

        public async Task<WorkerExitCode> EndAsync()
        {
            await _input.Writer.CompleteAsync();
            return await Ended.Within("the worker ends", Patience);
        }
    }

    private sealed class SignallingOutput : StringWriter
    {
        private readonly TaskCompletionSource<string> _line = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Line => _line.Task;

        public override async Task WriteLineAsync(string? value)
        {
            await base.WriteLineAsync(value);
            _line.TrySetResult(value ?? string.Empty);
        }
    }
}
