using System.Net;
using System.Net.Sockets;
using Dora.PageChannel.Codec;
using Dora.Tests.PageChannel.Server;

namespace Dora.Tests.PageChannel.Client;

/// <summary>A worker that can break every rule: the test says what it does with each connection.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Socket> _clients = [];
    private readonly Task _accepting;
    private int _connections;

    public RawServer(Func<Socket, CancellationToken, Task> serve, string id = "raw")
    {
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Info = new WorkerInfo(new WorkerId(id), "127.0.0.1", ((IPEndPoint)_listener.LocalEndPoint!).Port, 0, WorkerDescriptor.DefaultWeight);
        _accepting = AcceptAsync(serve);
    }

    public WorkerInfo Info { get; }

    public int Connections => _connections;

    /// <summary>Accepts, says hello, and never says anything again, as a stopped process does.</summary>
    public static RawServer Hung(string id = "raw", ushort version = 1) => new(
        async (socket, token) =>
        {
            await SayHelloAsync(socket, token, version: version);
            await Task.Delay(Timeout.Infinite, token);
        },
        id);

    public static async Task SayHelloAsync(Socket socket, CancellationToken token, int maxReadLength = PageChannelProtocol.MaxReadLength, ushort version = 1)
    {
        (FrameHeader hello, _) = await ReceiveAsync(socket, token);
        byte[] buffer = new byte[PageChannelProtocol.MaxControlFrame];
        var reply = new HelloReply { Version = version, MaxReadLength = maxReadLength, MaxInFlight = 256, WorkerId = "raw"u8 };
        Assert.Equal(PageChannelOpcode.Hello, hello.Opcode);
        await socket.SendAsync(buffer.AsMemory(0, FrameWriter.WriteHelloReply(buffer, 1, reply)), token);
    }

    public static async Task<(FrameHeader Header, byte[] Body)> ReceiveAsync(Socket socket, CancellationToken token)
    {
        byte[] header = await ExactlyAsync(socket, FrameHeader.Size, token);
        Assert.True(FrameReader.ReadHeaderAtWorker(header, out FrameHeader parsed).IsOk);
        return (parsed, await ExactlyAsync(socket, parsed.BodyLength, token));
    }

    public static byte[] DataHeader(ulong id, int length)
    {
        byte[] buffer = new byte[FrameHeader.Size];
        FrameWriter.WriteReadReplyHeader(buffer, id, 1, ReplyFlags.None, length);
        return buffer;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        lock (_clients)
        {
            _clients.ForEach(static c => c.Dispose());
        }

        await _accepting.WaitAsync(RawClient.Patience);
        _stopping.Dispose();
    }

    private static async Task<byte[]> ExactlyAsync(Socket socket, int count, CancellationToken token)
    {
        byte[] bytes = new byte[count];
        for (int received = 0; received < count;)
        {
            int got = await socket.ReceiveAsync(bytes.AsMemory(received), token);
            received += got > 0 ? got : throw new SocketException((int)SocketError.ConnectionReset);
        }

        return bytes;
    }

    private async Task AcceptAsync(Func<Socket, CancellationToken, Task> serve)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Socket client = await _listener.AcceptAsync(_stopping.Token);
                Interlocked.Increment(ref _connections);
                lock (_clients)
                {
                    _clients.Add(client);
                }

                _ = ServeAsync(client, serve);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
            {
                return;
            }
        }
    }

    private async Task ServeAsync(Socket client, Func<Socket, CancellationToken, Task> serve)
    {
        try
        {
            await serve(client, _stopping.Token);
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // The test is over, or the client left.
        }

        client.Dispose();
    }
}
