using Dora.Benchmarks.Channel.Servers;
using Dora.Client;
using Dora.Client.Cluster;

namespace Dora.Benchmarks.Channel.Contenders;

/// <summary>Bytes in the answers of grain calls, on the same worker that serves the page channel.</summary>
internal sealed class GrainContender(ServerProcess server, ClusterConnection connection) : IContender
{
    public string Name => "grain call";

    internal static async Task<GrainContender> ConnectAsync(ServerProcess server, TestFiles files) =>
        new(server, await ClusterConnection.OpenAsync(new DoraClientOptions { Cluster = WorkerServer.Cluster(files), ClusterId = "dora" }, CancellationToken.None));

    public Task<ICaller> OpenAsync() => Task.FromResult<ICaller>(new Caller(connection.Grains.GetGrain<IBytesGrain>(0)));

    public Task<ServerSample> SampleAsync() => server.SampleAsync();

    // The server is the page channel's, which ends it.
    public ValueTask DisposeAsync() => connection.DisposeAsync();

    private sealed class Caller(IBytesGrain grain) : ICaller
    {
        public async ValueTask ReadAsync(long offset, Memory<byte> buffer) => (await grain.ReadAsync(offset, buffer.Length)).CopyTo(buffer);

        public ValueTask ReadFileAsync(string name, Memory<byte> buffer) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
