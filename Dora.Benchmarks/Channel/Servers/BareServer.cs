using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace Dora.Benchmarks.Channel.Servers;

/// <summary>
/// The limit: 12 bytes of offset and length in, the bytes of the file out, and nothing else. No ids, no checks, one request at a time on a connection.
/// The bytes are read from the file with every request, as all contenders do.
/// </summary>
internal sealed class BareServer : IBenchServer
{
    internal const int RequestBytes = 12;

    private readonly Socket _listener;
    private readonly SafeFileHandle _file;

    private BareServer(Socket listener, SafeFileHandle file) => (_listener, _file) = (listener, file);

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    internal static BareServer Start(TestFiles files, bool isBlocking)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(128);
        var server = new BareServer(listener, File.OpenHandle(files.Large));
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
        byte[] request = new byte[RequestBytes];
        byte[] reply = GC.AllocateUninitializedArray<byte>(4 * 1024 * 1024, pinned: true);
        while (true)
        {
            for (int have = 0; have < RequestBytes;)
            {
                int count = await client.ReceiveAsync(request.AsMemory(have), SocketFlags.None);
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
                answer = answer[await client.SendAsync(answer, SocketFlags.None)..];
            }
        }
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
