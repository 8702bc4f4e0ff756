using System.Net;
using System.Net.Sockets;

namespace Orleans.Runtime.Networking;

/// <summary>A listening socket: bound early, so that a port in use is known at start; accepts from <see cref="Open"/> on.</summary>
internal sealed class Listener : IDisposable
{
    private const int Backlog = 512;
    private static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(5);

    private readonly Socket _socket;
    private readonly TimeProvider _time;

    /// <exception cref="SocketException">The port is in use, or the address is not this machine's.</exception>
    public Listener(IPEndPoint endpoint, TimeProvider time)
    {
        _time = time;
        _socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            _socket.Bind(endpoint);
        }
        catch (SocketException e)
        {
            _socket.Dispose();
            throw new SocketException((int)e.SocketErrorCode, $"Cannot listen on {endpoint}: {e.Message}");
        }
    }

    /// <param name="handshake">Reads the preamble, answers, starts the connection; false closes it.</param>
    public void Open(Func<FrameConnection, CancellationToken, Task<bool>> handshake)
    {
        _socket.Listen(Backlog);
        _ = Task.Run(() => AcceptLoopAsync(handshake));
    }

    public void Dispose() => _socket.Dispose();

    private async Task AcceptLoopAsync(Func<FrameConnection, CancellationToken, Task<bool>> handshake)
    {
        while (true)
        {
            try
            {
                Socket accepted = await _socket.AcceptAsync().ConfigureAwait(false);
                _ = ShakeHandsAsync(new FrameConnection(accepted), handshake);
            }
            catch (Exception e) when (e is ObjectDisposedException or SocketException { SocketErrorCode: SocketError.OperationAborted or SocketError.Interrupted })
            {
                return;
            }
            catch (SocketException)
            {
                // The caller vanished between connect and accept, or descriptors ran out: wait a little and go on.
                await Task.Delay(TimeSpan.FromMilliseconds(10), _time).ConfigureAwait(false);
            }
        }
    }

    private async Task ShakeHandsAsync(FrameConnection connection, Func<FrameConnection, CancellationToken, Task<bool>> handshake)
    {
        using var timeout = new CancellationTokenSource(HandshakeTimeout, _time);
        try
        {
            if (await handshake(connection, timeout.Token).ConfigureAwait(false)) return;
        }
        catch (Exception e) when (e is IOException or InvalidDataException or OperationCanceledException or ObjectDisposedException)
        {
            // A stranger, or one that hung up: its connection is closed below.
        }

        connection.Close();
    }
}
