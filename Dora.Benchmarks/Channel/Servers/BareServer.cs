using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using Dora.PageChannel.Transport;
using Microsoft.Win32.SafeHandles;

namespace Dora.Benchmarks.Channel.Servers;

/// <summary>How a bare server gets bytes from the file into the socket.</summary>
internal enum Transfer
{
    /// <summary>A read into memory of its own, and a send.</summary>
    Copy,

    /// <summary>sendfile.</summary>
    SendFile,

    /// <summary>A send from mapped memory, and copies for what the socket does not take at once.</summary>
    Mapped,
}

/// <summary>
/// The limit: 12 bytes of offset and length in, the bytes of the file out, and nothing else. No ids, no checks, one request at a time on a connection.
/// The bytes are read from the file with every request, and it polls for the next one, as the page channel does.
/// </summary>
internal sealed class BareServer : IBenchServer
{
    internal const int RequestBytes = 12;

    // As the worker: after what it answers on the receiving thread.
    private const int MostPolledFor = 128 * 1024;
    private const int PieceBytes = 4096;

    private readonly Socket _listener;
    private readonly SafeFileHandle _file;
    private readonly Transfer _transfer;
    private readonly MappedBytes? _mapped;

    private BareServer(Socket listener, TestFiles files, Transfer transfer)
    {
        (_listener, _file, _transfer) = (listener, File.OpenHandle(files.Large), transfer);
        _mapped = transfer == Transfer.Mapped ? new MappedBytes(files.Large) : null;
    }

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    internal static BareServer Start(TestFiles files, bool isBlocking, Transfer transfer = Transfer.Copy)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(128);
        var server = new BareServer(listener, files, transfer);
        if (isBlocking)
        {
            new Thread(server.AcceptBlocking) { IsBackground = true }.Start();
        }
        else
        {
            _ = server.AcceptAsync();
        }

        return server;
    }

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        _file.Dispose();
        _mapped?.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            _ = ServeAsync(await _listener.AcceptAsync());
        }
    }

    private async Task ServeAsync(Socket client)
    {
        client.NoDelay = true;
        var poller = new SocketPoller(client, SocketPoller.DefaultTime, TimeProvider.System);
        byte[] request = new byte[RequestBytes];
        byte[] reply = GC.AllocateUninitializedArray<byte>(4 * 1024 * 1024, pinned: true);
        int answered = MostPolledFor + 1;
        while (true)
        {
            for (int have = 0; have < RequestBytes;)
            {
                int count = poller.TryReceive(request.AsSpan(have), answered <= MostPolledFor, out int polled)
                    ? polled
                    : await client.ReceiveAsync(request.AsMemory(have), SocketFlags.None);
                if (count == 0)
                {
                    client.Dispose();
                    return;
                }

                have += count;
            }

            answered = BinaryPrimitives.ReadInt32LittleEndian(request.AsSpan(8));
            if (_transfer == Transfer.SendFile)
            {
                await SendFileAsync(client, request, reply);
                continue;
            }

            if (_mapped is { } mapped)
            {
                SendMapped(client, mapped, request);
            }

            ReadOnlyMemory<byte> answer = Read(request, reply);
            while (!answer.IsEmpty)
            {
                answer = answer[await client.SendAsync(answer, SocketFlags.None)..];
            }
        }
    }

    /// <summary>The socket does not block: when it is full, a small piece goes by copy, because .NET has no other wait for room in it.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendFileAsync(Socket client, byte[] request, byte[] piece)
    {
        long offset = BinaryPrimitives.ReadInt64LittleEndian(request);
        int left = BinaryPrimitives.ReadInt32LittleEndian(request.AsSpan(8));
        while (left > 0)
        {
            int sent = LinuxSockets.SendFile(client, _file, offset, left);
            if (sent == 0)
            {
                int count = RandomAccess.Read(_file, piece.AsSpan(0, Math.Min(left, PieceBytes)), offset);
                sent = await client.SendAsync(piece.AsMemory(0, count), SocketFlags.None);
            }

            offset += sent;
            left -= sent;
        }
    }

    /// <summary>What the socket takes at once goes without a copy through this process; the request then says what is left.</summary>
    private static void SendMapped(Socket client, MappedBytes mapped, Span<byte> request)
    {
        long offset = BinaryPrimitives.ReadInt64LittleEndian(request);
        int length = BinaryPrimitives.ReadInt32LittleEndian(request[8..]);
        int sent = mapped.Send(client, offset, length, out SocketError error);
        if (error is not (SocketError.Success or SocketError.WouldBlock))
        {
            throw new SocketException((int)error);
        }

        BinaryPrimitives.WriteInt64LittleEndian(request, offset + sent);
        BinaryPrimitives.WriteInt32LittleEndian(request[8..], length - sent);
    }

    private void AcceptBlocking()
    {
        while (true)
        {
            Socket client = _listener.Accept();
            new Thread(() => ServeBlocking(client)) { IsBackground = true }.Start();
        }
    }

    private void ServeBlocking(Socket client)
    {
        client.NoDelay = true;
        byte[] request = new byte[RequestBytes];
        byte[] reply = GC.AllocateUninitializedArray<byte>(4 * 1024 * 1024, pinned: true);
        while (true)
        {
            for (int have = 0; have < RequestBytes;)
            {
                int count = client.Receive(request.AsSpan(have), SocketFlags.None);
                if (count == 0)
                {
                    client.Dispose();
                    return;
                }

                have += count;
            }

            ReadOnlyMemory<byte> answer = Read(request, reply);
            while (!answer.IsEmpty)
            {
                answer = answer[client.Send(answer.Span, SocketFlags.None)..];
            }
        }
    }

    private ReadOnlyMemory<byte> Read(ReadOnlySpan<byte> request, byte[] reply)
    {
        long offset = BinaryPrimitives.ReadInt64LittleEndian(request);
        int length = BinaryPrimitives.ReadInt32LittleEndian(request[8..]);
        int count = RandomAccess.Read(_file, reply.AsSpan(0, length), offset);
        return reply.AsMemory(0, count);
    }
}
