using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Dora.Benchmarks.Channel.Servers;
using Dora.PageChannel.Transport;

namespace Dora.Benchmarks.Channel.Contenders;

/// <summary>The limit: a socket per caller, a request and its answer, no protocol. Polls and waits for the rest of a long answer as the page channel does.</summary>
internal sealed class BareContender(ServerProcess server, bool isBlocking, string? name = null) : IContender
{
    public string Name => name ?? (isBlocking ? "bare blocking socket" : "bare async socket");

    public bool IsBlocking => isBlocking;

    public async Task<ICaller> OpenAsync()
    {
        if (!isBlocking)
        {
            return new AsyncCaller(await ConnectAsync(server.Port));
        }

        // Never anything asynchronous on this one: a socket of .NET stays non-blocking from its first such call on.
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        socket.Connect(new IPEndPoint(IPAddress.Loopback, server.Port));
        return new BlockingCaller(socket);
    }

    public Task<ServerSample> SampleAsync() => server.SampleAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    internal static async Task<Socket> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
        return socket;
    }

    private static void Write(byte[] request, long offset, int length)
    {
        BinaryPrimitives.WriteInt64LittleEndian(request, offset);
        BinaryPrimitives.WriteInt32LittleEndian(request.AsSpan(8), length);
    }

    private static void ThrowIfEnded(int count)
    {
        if (count == 0)
        {
            throw new IOException("the server closed the connection");
        }
    }

    private sealed class AsyncCaller(Socket socket) : ICaller
    {
        private const int MostPolledFor = 512 * 1024;

        private readonly SocketPoller _poller = new(socket, SocketPoller.DefaultTime, TimeProvider.System);
        private readonly byte[] _request = new byte[BareServer.RequestBytes];

        [System.Runtime.CompilerServices.AsyncMethodBuilder(typeof(System.Runtime.CompilerServices.PoolingAsyncValueTaskMethodBuilder))]
        public async ValueTask ReadAsync(long offset, Memory<byte> buffer)
        {
            Write(_request, offset, buffer.Length);
            await socket.SendAsync(_request.AsMemory(), SocketFlags.None);
            bool isFirst = true;
            while (!buffer.IsEmpty)
            {
                bool isThere = isFirst ? _poller.TryReceive(buffer.Span, buffer.Length <= MostPolledFor, out int count) : _poller.TryReceiveRest(buffer.Span, out count);
                if (!isThere)
                {
                    count = await socket.ReceiveAsync(buffer, SocketFlags.None);
                }

                isFirst = false;
                ThrowIfEnded(count);
                buffer = buffer[count..];
            }
        }

        public ValueTask ReadFileAsync(string name, Memory<byte> buffer) => throw new NotSupportedException();

        public ValueTask DisposeAsync()
        {
            socket.Dispose();
            return ValueTask.CompletedTask;
        }
    }

    private sealed class BlockingCaller(Socket socket) : ICaller
    {
        private readonly byte[] _request = new byte[BareServer.RequestBytes];

        public ValueTask ReadAsync(long offset, Memory<byte> buffer)
        {
            Write(_request, offset, buffer.Length);
            socket.Send(_request);
            while (!buffer.IsEmpty)
            {
                int count = socket.Receive(buffer.Span);
                ThrowIfEnded(count);
                buffer = buffer[count..];
            }

            return ValueTask.CompletedTask;
        }

        public ValueTask ReadFileAsync(string name, Memory<byte> buffer) => throw new NotSupportedException();

        public ValueTask DisposeAsync()
        {
            socket.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
