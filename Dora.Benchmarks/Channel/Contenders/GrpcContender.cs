using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using Dora.Benchmarks.Channel.Servers;

namespace Dora.Benchmarks.Channel.Contenders;

/// <summary>gRPC's wire: one HTTP/2 connection for all callers, as a gRPC channel has, with a receive window that never holds it up.</summary>
internal sealed class GrpcContender(ServerProcess server) : IContender
{
    private static readonly MediaTypeHeaderValue Grpc = new("application/grpc");

    private readonly HttpClient _http = new(new SocketsHttpHandler { InitialHttp2StreamWindowSize = 8 * 1024 * 1024 })
    {
        BaseAddress = new Uri($"http://127.0.0.1:{server.Port}"),
    };

    public string Name => "gRPC wire";

    public Task<ICaller> OpenAsync() => Task.FromResult<ICaller>(new Caller(_http));

    public Task<ServerSample> SampleAsync() => server.SampleAsync();

    public ValueTask DisposeAsync()
    {
        _http.Dispose();
        return server.DisposeAsync();
    }

    private sealed class Caller(HttpClient http) : ICaller
    {
        private readonly byte[] _message = new byte[GrpcMessages.PrefixBytes + 16 + GrpcServer.ChunkBytes];

        public async ValueTask ReadAsync(long offset, Memory<byte> buffer)
        {
            using var content = new ByteArrayContent(GrpcMessages.Request(offset, buffer.Length));
            content.Headers.ContentType = Grpc;
            using var request = new HttpRequestMessage(HttpMethod.Post, GrpcServer.Path);
            request.Content = content;
            request.Version = HttpVersion.Version20;
            request.VersionPolicy = HttpVersionPolicy.RequestVersionExact;
            request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
            using HttpResponseMessage response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            await using Stream stream = await response.Content.ReadAsStreamAsync();
            while (!buffer.IsEmpty)
            {
                await stream.ReadExactlyAsync(_message.AsMemory(0, GrpcMessages.PrefixBytes));
                int length = BinaryPrimitives.ReadInt32BigEndian(_message.AsSpan(1));
                await stream.ReadExactlyAsync(_message.AsMemory(0, length));
                int head = GrpcMessages.ParseChunkHead(_message);
                _message.AsSpan(head, length - head).CopyTo(buffer.Span);
                buffer = buffer[(length - head)..];
            }

            if (await stream.ReadAsync(_message) != 0 || response.TrailingHeaders.GetValues("grpc-status").First() != "0")
            {
                throw new IOException("the call did not end with status 0");
            }
        }

        public ValueTask ReadFileAsync(string name, Memory<byte> buffer) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
