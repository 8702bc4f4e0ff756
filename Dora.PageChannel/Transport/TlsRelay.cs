using System.Net.Security;
using System.Net.Sockets;

namespace Dora.PageChannel.Transport;

/// <summary>
/// Carries bytes between a TLS stream and a plain socket, so that the page channel itself, on both ends, deals with sockets alone and pays nothing for
/// TLS when it is off. Holds two buffers per direction at most; who is slow on one side is slow on the other. Ends when either side has.
/// </summary>
internal sealed class TlsRelay
{
    private const int BufferBytes = 64 * 1024;
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(5);

    private readonly SslStream _secured;
    private readonly Socket _outer;
    private readonly Socket _inner;

    private TlsRelay(SslStream secured, Socket outer, Socket inner) => (_secured, _outer, _inner) = (secured, outer, inner);

    /// <summary>Starts to relay.</summary>
    /// <param name="secured">The stream, past its handshake; becomes the relay's.</param>
    /// <param name="outer">The socket below it.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <returns>The plain end.</returns>
    public static async Task<Socket> StartAsync(SslStream secured, Socket outer, TimeProvider time, CancellationToken cancellationToken)
    {
        (Socket plain, Socket inner) = await SocketPair.ConnectAsync(cancellationToken).ConfigureAwait(false);
        _ = new TlsRelay(secured, outer, inner).RunAsync(time);
        return plain;
    }

    private async Task RunAsync(TimeProvider time)
    {
        // Off the caller's thread.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        Task incoming = Quietly(InwardAsync), outgoing = Quietly(OutwardAsync);
        await Task.WhenAny(incoming, outgoing).ConfigureAwait(false);
        try
        {
            // An end may say its last words after the other has.
            await Task.WhenAll(incoming, outgoing).WaitAsync(Linger, time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // It has had its time.
        }

        _inner.Dispose();
        _outer.Dispose();
        await Task.WhenAll(incoming, outgoing).ConfigureAwait(false);
        await _secured.DisposeAsync().ConfigureAwait(false);
    }

    private async Task InwardAsync()
    {
        byte[] buffer = new byte[BufferBytes];
        int count;
        while ((count = await _secured.ReadAsync(buffer).ConfigureAwait(false)) > 0)
        {
            for (int sent = 0; sent < count;)
            {
                sent += await _inner.SendAsync(buffer.AsMemory(sent, count - sent), SocketFlags.None).ConfigureAwait(false);
            }
        }

        _inner.Shutdown(SocketShutdown.Send);
    }

    private async Task OutwardAsync()
    {
        byte[] buffer = new byte[BufferBytes];
        int count;
        while ((count = await _inner.ReceiveAsync(buffer, SocketFlags.None).ConfigureAwait(false)) > 0)
        {
            await _secured.WriteAsync(buffer.AsMemory(0, count)).ConfigureAwait(false);
        }

        await _secured.ShutdownAsync().ConfigureAwait(false);
        _outer.Shutdown(SocketShutdown.Send);
    }

    /// <summary>A direction that breaks (a cut connection, a byte that does not fit its seal) takes the other with it: neither end may wait for what cannot come.</summary>
    private async Task Quietly(Func<Task> carry)
    {
        try
        {
            await carry().ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or SocketException or ObjectDisposedException or InvalidOperationException or NotSupportedException)
        {
            _inner.Dispose();
            _outer.Dispose();
        }
    }
}
