using System.Buffers;
using System.Net;
using Google.Protobuf;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Dora.Benchmarks.Channel.Servers;

/// <summary>gRPC as its library serves it: HTTP/2 without TLS, the answer a stream of chunks.</summary>
internal sealed class GrpcServer : IBenchServer
{
    private readonly WebApplication _application;
    private readonly SafeFileHandle _file;

    private GrpcServer(WebApplication application, SafeFileHandle file) => (_application, _file) = (application, file);

    public int Port => new Uri(_application.Urls.First()).Port;

    internal static async Task<GrpcServer> StartAsync(TestFiles files)
    {
        SafeFileHandle file = File.OpenHandle(files.Large);
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.Services.AddRoutingCore();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(new GrpcReader(file));
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1024;
        });
        WebApplication application = builder.Build();
        application.MapGrpcService<GrpcReader>();
        await application.StartAsync();
        return new GrpcServer(application, file);
    }

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _file.Dispose();
    }
}

/// <summary>Reads the file with every call, as all contenders do, into memory that is used again.</summary>
internal sealed class GrpcReader(SafeFileHandle file) : Reader.ReaderBase
{
    private const int ChunkBytes = 256 * 1024;

    public override async Task Read(BytesRequest request, IServerStreamWriter<BytesChunk> responseStream, ServerCallContext context)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(Math.Min(request.Length, ChunkBytes));
        try
        {
            (long offset, int left) = (request.Offset, request.Length);
            while (left > 0)
            {
                int count = RandomAccess.Read(file, buffer.AsSpan(0, Math.Min(left, ChunkBytes)), offset);
                await responseStream.WriteAsync(new BytesChunk { Data = UnsafeByteOperations.UnsafeWrap(buffer.AsMemory(0, count)) });
                offset += count;
                left -= count;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
