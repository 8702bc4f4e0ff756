using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;

namespace Dora.Benchmarks.Channel.Contenders;

/// <summary>The page channel as many programs with one caller each use it: a connection per caller, to the worker of another contender.</summary>
internal sealed class OwnConnectionContender(DoraContender dora) : IContender
{
    public string Name => dora.Name;

    public async Task<ICaller> OpenAsync() => new Caller(await ConnectAsync(), dora);

    public Task<ServerSample> SampleAsync() => dora.SampleAsync();

    // The server is the other contender's, which ends it.
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    internal async Task<PageChannelConnection> ConnectAsync()
    {
        var options = new ChannelOptions { ClusterId = dora.Client.ClusterId };
        options = dora.Polls ? options : options with { PollTime = TimeSpan.Zero };
        ConnectResult result = await new PageChannelConnector(options, TimeProvider.System).ConnectAsync(dora.Client.Workers[0], CancellationToken.None);
        return result.Connection ?? throw new InvalidOperationException(result.Error);
    }

    private sealed class Caller(PageChannelConnection connection, DoraContender dora) : ICaller
    {
        private static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

        private readonly FileId _file = FileId.FromUfsPath(dora.File.Stat.UfsPath);

        [System.Runtime.CompilerServices.AsyncMethodBuilder(typeof(System.Runtime.CompilerServices.PoolingAsyncValueTaskMethodBuilder))]
        public async ValueTask ReadAsync(long offset, Memory<byte> buffer)
        {
            var request = new ChannelRequest(PageChannelOpcode.Read, ReadOnlyMemory<byte>.Empty, 0, _file, dora.File.Version, offset, buffer);
            ChannelReply reply = await connection.SendAsync(request, 0, Limit, CancellationToken.None);
            Harness.BenchmarkRun.Check(reply.IsOk && reply.Bytes == buffer.Length, $"a read gave {reply.Bytes} bytes: {reply.Outcome}, {reply.Status} {reply.Message}");
        }

        public ValueTask ReadFileAsync(string name, Memory<byte> buffer) => throw new NotSupportedException();

        public async ValueTask DisposeAsync() => await connection.CloseAsync();
    }
}
