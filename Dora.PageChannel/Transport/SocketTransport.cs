using System.Net;
using System.Net.Sockets;

namespace Dora.PageChannel.Transport;

/// <summary>Plain bytes.</summary>
/// <param name="socket">A connected socket; becomes the transport's.</param>
internal sealed class SocketTransport(Socket socket) : IChannelTransport
{
    public EndPoint? Peer { get; } = socket.RemoteEndPoint;

    public Socket? Pollable => socket;

    public ValueTask<int> ReceiveAsync(Memory<byte> room, CancellationToken cancellationToken) => socket.ReceiveAsync(room, SocketFlags.None, cancellationToken);

    public ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => socket.SendAsync(bytes, SocketFlags.None, cancellationToken);

    public ValueTask EndSendingAsync()
    {
        socket.Shutdown(SocketShutdown.Send);
        return default;
    }

    public void Dispose() => socket.Dispose();
}
