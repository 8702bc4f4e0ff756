using System.Buffers.Binary;
using System.Net;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Win32.SafeHandles;

namespace Dora.Benchmarks.Channel.Servers;

/// <summary>gRPC's wire without its library: HTTP/2 cleartext, length-prefixed protobuf messages, status in the trailers; the answer is a stream of chunks.</summary>
internal sealed class GrpcServer : IBenchServer
{
    internal const string Path = "/dora.Reader/Read";
    internal const int ChunkBytes = 256 * 1024;

    private readonly WebApplication _application;
    private readonly SafeFileHandle _file;

    private GrpcServer(WebApplication application, SafeFileHandle file) => (_application, _file) = (application, file);

    public int Port => new Uri(_application.Urls.First()).Port;

    internal static async Task<GrpcServer> StartAsync(TestFiles files)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.ClearProviders();
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(static kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Limits.Http2.MaxStreamsPerConnection = 1024;
        });
        SafeFileHandle file = File.OpenHandle(files.Large);
        WebApplication application = builder.Build();
        var server = new GrpcServer(application, file);
        application.Run(server.AnswerAsync);
        await application.StartAsync();
        return server;
    }

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _file.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        byte[] request = new byte[64];
        int have = 0;
        for (int count; (count = await context.Request.Body.ReadAsync(request.AsMemory(have))) > 0;)
        {
            have += count;
        }

        (long offset, int length) = GrpcMessages.ParseRequest(request.AsSpan(GrpcMessages.PrefixBytes, have - GrpcMessages.PrefixBytes));
        context.Response.ContentType = "application/grpc";
        while (length > 0)
        {
            int chunk = Math.Min(length, ChunkBytes);
            WriteChunk(context, offset, chunk);
            await context.Response.BodyWriter.FlushAsync();
            offset += chunk;
            length -= chunk;
        }

        context.Response.AppendTrailer("grpc-status", "0");
    }

    /// <summary>Straight from the file into the transport's memory: what a tuned implementation would do.</summary>
    private void WriteChunk(HttpContext context, long offset, int length)
    {
        int head = GrpcMessages.ChunkHead(length);
        Span<byte> target = context.Response.BodyWriter.GetSpan(GrpcMessages.PrefixBytes + head + length);
        target[0] = 0;
        BinaryPrimitives.WriteInt32BigEndian(target[1..], head + length);
        GrpcMessages.WriteChunkHead(target[GrpcMessages.PrefixBytes..], length);
        RandomAccess.Read(_file, target.Slice(GrpcMessages.PrefixBytes + head, length), offset);
        context.Response.BodyWriter.Advance(GrpcMessages.PrefixBytes + head + length);
    }
}

/// <summary>The two messages: <c>{ int64 offset = 1; int32 length = 2; }</c> and <c>{ bytes data = 1; }</c>.</summary>
internal static class GrpcMessages
{
    internal const int PrefixBytes = 5;

    internal static byte[] Request(long offset, int length)
    {
        int size = 2 + CodedOutputStream.ComputeInt64Size(offset) + CodedOutputStream.ComputeInt32Size(length);
        byte[] message = new byte[PrefixBytes + size];
        BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(1), size);
        using var stream = new MemoryStream(message, PrefixBytes, size);
        using var output = new CodedOutputStream(stream);
        output.WriteTag(1, WireFormat.WireType.Varint);
        output.WriteInt64(offset);
        output.WriteTag(2, WireFormat.WireType.Varint);
        output.WriteInt32(length);
        output.Flush();
        return message;
    }

    internal static (long Offset, int Length) ParseRequest(ReadOnlySpan<byte> message)
    {
        using var input = new CodedInputStream(message.ToArray());
        input.ReadTag();
        long offset = input.ReadInt64();
        input.ReadTag();
        return (offset, input.ReadInt32());
    }

    internal static int ChunkHead(int length) => 1 + CodedOutputStream.ComputeLengthSize(length);

    internal static void WriteChunkHead(Span<byte> target, int length)
    {
        target[0] = (byte)WireFormat.MakeTag(1, WireFormat.WireType.LengthDelimited);
        for (target = target[1..]; length >= 0x80; target = target[1..], length >>= 7)
        {
            target[0] = (byte)(length | 0x80);
        }

        target[0] = (byte)length;
    }

    /// <summary>Where the data of a chunk message begins.</summary>
    internal static int ParseChunkHead(ReadOnlySpan<byte> message)
    {
        int head = 1;
        while (message[head++] >= 0x80)
        {
            // The length follows from that of the message.
        }

        return head;
    }
}
