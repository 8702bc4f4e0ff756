using Dora.Benchmarks.Channel.Servers;
using Dora.Client;

namespace Dora.Benchmarks.Channel.Contenders;

/// <summary>The page channel through the client that programs use. All callers share one client, as they should.</summary>
internal sealed class DoraContender(ServerProcess server, DoraClient client, DoraFile file) : IContender
{
    public string Name => "page channel";

    internal DoraClient Client => client;

    internal ServerProcess Server => server;

    internal static async Task<DoraContender> StartAsync(TestFiles files)
    {
        ServerProcess server = await ServerProcess.StartAsync("worker", files.Directory);
        DoraClient client = await DoraClient.ConnectAsync(new DoraClientOptions { Cluster = WorkerServer.Cluster(files) });
        await client.AddMountAsync(WorkerServer.Mount, Path.GetFullPath(files.Directory), freshness: "immutable");
        await client.LoadAsync(WorkerServer.Mount);
        return new DoraContender(server, client, await client.OpenReadAsync($"{WorkerServer.Mount}/large"));
    }

    public Task<ICaller> OpenAsync() => Task.FromResult<ICaller>(new Caller(client, file));

    public Task<ServerSample> SampleAsync() => server.SampleAsync();

    public async ValueTask DisposeAsync()
    {
        await file.DisposeAsync();
        await client.DisposeAsync();
        await server.DisposeAsync();
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
