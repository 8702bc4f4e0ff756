using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.CompilerServices;

namespace Dora.PageChannel.Transport;

/// <summary>Bytes under TLS. Not polled: what arrives in the socket may be half a record, which is nothing yet.</summary>
/// <param name="socket">The socket below the stream.</param>
/// <param name="secured">The stream, past its handshake; becomes the transport's.</param>
internal sealed class TlsTransport(Socket socket, SslStream secured) : IChannelTransport
{
    // A write ends when the system has taken all of it. In pieces, so that it is seen that a slow peer takes something.
    private const int MostAtOnce = 256 * 1024;

    public EndPoint? Peer { get; } = socket.RemoteEndPoint;

    public Socket? Pollable => null;

    public ValueTask<int> ReceiveAsync(Memory<byte> room, CancellationToken cancellationToken) => secured.ReadAsync(room, cancellationToken);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        int count = Math.Min(bytes.Length, MostAtOnce);
        await secured.WriteAsync(bytes[..count], cancellationToken).ConfigureAwait(false);
        return count;
    }

    public async ValueTask EndSendingAsync()
    {
        await secured.ShutdownAsync().ConfigureAwait(false);
        socket.Shutdown(SocketShutdown.Send);
    }

    public void Dispose()
    {
        // First the socket: it ends what runs on the stream.
        socket.Dispose();
        secured.Dispose();
    }
}
