using System.Net;
using System.Net.Sockets;
using System.Text;
using Dora.PageChannel.Codec;

namespace Dora.Tests.PageChannel.Server;

/// <summary>A client that can break every rule of the protocol.</summary>
internal sealed class RawClient : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Socket _socket;

    private RawClient(Socket socket) => _socket = socket;

    public static async Task<RawClient> ConnectAsync(IPEndPoint endPoint)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(endPoint);
        return new RawClient(socket);
    }

    /// <summary>Connects and says a right hello.</summary>
    public static async Task<RawClient> OpenAsync(IPEndPoint endPoint, int maxInFlight = 8)
    {
        RawClient client = await ConnectAsync(endPoint);
        await client.SendAsync(Hello(maxInFlight: maxInFlight));
        (FrameHeader header, _) = await client.ReceiveAsync("the hello reply");
        Assert.Equal((PageChannelOpcode.HelloReply, PageChannelStatus.Ok), (header.Opcode, header.Status));
        return client;
    }

    public static byte[] Hello(
        string cluster = TestWorker.ClusterId, string worker = "w0", ushort minVersion = 1, ushort maxVersion = 1, string token = "", int maxInFlight = 8)
    {
        byte[] buffer = new byte[PageChannelProtocol.MaxControlFrame];
        var hello = new HelloRequest
        {
            MinVersion = minVersion,
            MaxVersion = maxVersion,
            MaxReadLength = PageChannelProtocol.MaxReadLength,
            MaxInFlight = maxInFlight,
            ClusterId = Encoding.UTF8.GetBytes(cluster),
            WorkerId = Encoding.UTF8.GetBytes(worker),
            Token = Encoding.UTF8.GetBytes(token),
        };
        return buffer[..FrameWriter.WriteHello(buffer, 0, hello)];
    }

    public static byte[] Read(ulong id, long offset, int length)
    {
        byte[] buffer = new byte[PageChannelProtocol.MaxControlFrame];
        var read = new ReadRequest { File = new FileId(1, 2), Version = new FileVersion(3), Offset = offset, Length = length, Path = "/f"u8 };
        return buffer[..FrameWriter.WriteRead(buffer, id, 1, read)];
    }

    public static byte[] Stat(ulong id, string path)
    {
        byte[] buffer = new byte[PageChannelProtocol.MaxControlFrame];
        return buffer[..FrameWriter.WriteStat(buffer, id, 1, new StatRequest { Path = Encoding.UTF8.GetBytes(path) })];
    }

    public static byte[] Cancel(ulong id)
    {
        byte[] buffer = new byte[FrameHeader.Size];
        FrameWriter.WriteCancel(buffer, id, 1);
        return buffer;
    }

    public static byte[] Ping(ulong id)
    {
        byte[] buffer = new byte[FrameHeader.Size];
        FrameWriter.WritePing(buffer, id, 1);
        return buffer;
    }

    public async Task SendAsync(params byte[][] frames)
    {
        ReadOnlyMemory<byte> bytes = frames.SelectMany(static f => f).ToArray();
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await _socket.SendAsync(bytes)..];
        }
    }

    /// <summary>Receives a frame.</summary>
    /// <param name="what">Named when it does not come.</param>
    /// <param name="behindHeader">Done between the header and the body.</param>
    public async Task<(FrameHeader Header, byte[] Body)> ReceiveAsync(string what, Func<Task>? behindHeader = null)
    {
        byte[] header = await ReceiveExactlyAsync(FrameHeader.Size, what);
        FrameDecode decode = FrameReader.ReadHeaderAtClient(header, PageChannelProtocol.MaxReadLength, out FrameHeader parsed);
        Assert.True(decode.IsOk, $"{what}: {decode.Reason}");
        await (behindHeader?.Invoke() ?? Task.CompletedTask);
        return (parsed, await ReceiveExactlyAsync(parsed.BodyLength, what));
    }

    /// <summary>Receives frames until the server closes, and gives the last one.</summary>
    public async Task<(FrameHeader Header, string Message)> ReceiveLastAsync(string what)
    {
        (FrameHeader Header, byte[] Body) last = default;
        while (await PeekAsync(what))
        {
            last = await ReceiveAsync(what);
        }

        return (last.Header, Encoding.UTF8.GetString(last.Body ?? []));
    }

    /// <summary>Receives whatever comes until the server closes or resets.</summary>
    public async Task<byte[]> ReceiveToEndAsync(string what)
    {
        var all = new MemoryStream();
        byte[] bytes = new byte[64 * 1024];
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            for (int got; (got = await _socket.ReceiveAsync(bytes, patience.Token)) > 0;)
            {
                all.Write(bytes, 0, got);
            }
        }
        catch (SocketException)
        {
            // A reset is an end too.
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"waited {Patience} for {what}");
        }

        return all.ToArray();
    }

    public void Dispose() => _socket.Dispose();

    private async Task<bool> PeekAsync(string what)
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            return await _socket.ReceiveAsync(new byte[1], SocketFlags.Peek, patience.Token) > 0;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"waited {Patience} for {what} or the end of the connection");
        }
    }

    private async Task<byte[]> ReceiveExactlyAsync(int count, string what)
    {
        byte[] bytes = new byte[count];
        using var patience = new CancellationTokenSource(Patience);
        for (int received = 0; received < count;)
        {
            int got;
            try
            {
                got = await _socket.ReceiveAsync(bytes.AsMemory(received), patience.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"waited {Patience} for {what}");
            }

            Assert.True(got > 0, $"the connection ended while waiting for {what}");
            received += got;
        }

        return bytes;
    }
}
