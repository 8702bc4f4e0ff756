using System.Diagnostics;
using Dora.Benchmarks.Channel.Servers;
using Dora.Client;

namespace Dora.Benchmarks.Channel.Contenders;

/// <summary>The client that programs use: over the page channel, or on the worker's host. All callers share one client, as they should.</summary>
internal sealed class DoraContender(string name, ServerProcess server, DoraClient client, DoraFile file, bool ownsServer, bool polls = true) : IContender
{
    internal const string PageChannel = "page channel";
    internal const string SameHost = "same host";
    internal const string UnderTls = "page channel under TLS";
    internal const string WithoutPolling = "page channel without polling";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public string Name => name;

    internal bool Polls => polls;

    internal DoraFile File => file;

    internal DoraClient Client => client;

    internal ServerProcess Server => server;

    internal static async Task<DoraContender> StartAsync(TestFiles files, WorkerKind kind = WorkerKind.Worker)
    {
        ServerProcess server = await ServerProcess.StartAsync(kind.ToString(), files.Directory);
        var options = new DoraClientOptions { Cluster = WorkerServer.Cluster(files, kind), Channel = new() { UseSameHost = false } };
        (string name, options) = kind switch
        {
            WorkerKind.Sleeper => (WithoutPolling, options with { Channel = options.Channel with { PollTime = TimeSpan.Zero } }),
            WorkerKind.Tls => (UnderTls, options with { Tls = new DoraTlsOptions { TrustFile = files.Certificate } }),
            _ => (PageChannel, options),
        };
        DoraClient client = await DoraClient.ConnectAsync(options);
        await client.Mounts.AddAsync(WorkerServer.Mount, Path.GetFullPath(files.Directory), freshness: "immutable");
        await client.Jobs.LoadAsync(WorkerServer.Mount);
        DoraFile large = await client.OpenReadAsync($"{WorkerServer.Mount}/large");
        return new DoraContender(name, server, client, large, ownsServer: true, polls: kind != WorkerKind.Sleeper);
    }

    /// <summary>Another client of the same worker, which reads the worker's files.</summary>
    internal async Task<DoraContender> OnSameHostAsync(TestFiles files)
    {
        DoraClient near = await DoraClient.ConnectAsync(new DoraClientOptions { Cluster = WorkerServer.Cluster(files) });
        DoraFile open = await near.OpenReadAsync(file.Path);
        byte[] buffer = new byte[4096];
        long start = Stopwatch.GetTimestamp();
        while (near.SameHost.Read == 0)
        {
            await open.ReadAsync(0, buffer);
            if (Stopwatch.GetElapsedTime(start) > Patience)
            {
                throw new InvalidOperationException("the worker gives no descriptors");
            }
        }

        return new DoraContender(SameHost, Server, near, open, ownsServer: false);
    }

    public Task<ICaller> OpenAsync() => Task.FromResult<ICaller>(new Caller(client, file));

    public Task<ServerSample> SampleAsync() => server.SampleAsync();

    public async ValueTask DisposeAsync()
    {
        await file.DisposeAsync();
        await client.DisposeAsync();
        if (ownsServer)
        {
            await server.DisposeAsync();
        }
    }

    private sealed class Caller(DoraClient client, DoraFile file) : ICaller
    {
        [System.Runtime.CompilerServices.AsyncMethodBuilder(typeof(System.Runtime.CompilerServices.PoolingAsyncValueTaskMethodBuilder))]
        public async ValueTask ReadAsync(long offset, Memory<byte> buffer) => await file.ReadAsync(offset, buffer);

        [System.Runtime.CompilerServices.AsyncMethodBuilder(typeof(System.Runtime.CompilerServices.PoolingAsyncValueTaskMethodBuilder))]
        public async ValueTask ReadFileAsync(string name, Memory<byte> buffer) => await client.ReadFileAsync(name, buffer);

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
