using Dora.Benchmarks.Channel.Servers;
using Grpc.Core;
using Grpc.Net.Client;

namespace Dora.Benchmarks.Channel.Contenders;

/// <summary>gRPC's own client: one channel, that is one HTTP/2 connection, for all callers, with a receive window that never holds it up.</summary>
internal sealed class GrpcContender : IContender
{
    private readonly ServerProcess _server;
    private readonly GrpcChannel _channel;

    internal GrpcContender(ServerProcess server)
    {
        _server = server;
        _channel = GrpcChannel.ForAddress($"http://127.0.0.1:{server.Port}", new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { InitialHttp2StreamWindowSize = 8 * 1024 * 1024 },
            DisposeHttpClient = true,
        });
    }

    public string Name => "gRPC";

    public Task<ICaller> OpenAsync() => Task.FromResult<ICaller>(new Caller(new Reader.ReaderClient(_channel)));

    public Task<ServerSample> SampleAsync() => _server.SampleAsync();

    public ValueTask DisposeAsync()
    {
        _channel.Dispose();
        return _server.DisposeAsync();
    }

    private sealed class Caller(Reader.ReaderClient client) : ICaller
    {
        public async ValueTask ReadAsync(long offset, Memory<byte> buffer)
        {
            using AsyncServerStreamingCall<BytesChunk> call = client.Read(new BytesRequest { Offset = offset, Length = buffer.Length });
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
            {
                ReadOnlyMemory<byte> data = call.ResponseStream.Current.Data.Memory;
                data.CopyTo(buffer);
                buffer = buffer[data.Length..];
            }

            if (!buffer.IsEmpty)
            {
                throw new IOException("the call ended before its bytes");
            }
        }

        public ValueTask ReadFileAsync(string name, Memory<byte> buffer) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
