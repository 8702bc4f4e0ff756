using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Dora.PageChannel.Transport;
using Microsoft.Extensions.Logging;

namespace Dora.PageChannel.Server;

/// <summary>Puts TLS before connections that were accepted, in the time that a hello may take.</summary>
/// <param name="tls">The certificate.</param>
/// <param name="options">The limits.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told of handshakes that fail.</param>
internal sealed class TlsAcceptor(SslServerAuthenticationOptions tls, PageChannelServerOptions options, TimeProvider time, ILogger logger)
{
    private int _shaking;

    /// <summary>Handshakes under way.</summary>
    public int Handshakes => Volatile.Read(ref _shaking);

    /// <summary>Shakes hands and gives the connection to serve; a client that cannot is dropped.</summary>
    public async Task AcceptAsync(Socket client, Action<IChannelTransport> serve, CancellationToken stopping)
    {
        if (Interlocked.Increment(ref _shaking) > options.MaxConnections)
        {
            Interlocked.Decrement(ref _shaking);
            client.Dispose();
            return;
        }

        System.Net.EndPoint? peer = client.RemoteEndPoint;
        var secured = new SslStream(new NetworkStream(client, ownsSocket: true));
        try
        {
            using var timeout = new CancellationTokenSource(options.HelloTimeout, time);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping);
            await secured.AuthenticateAsServerAsync(tls, end.Token).ConfigureAwait(false);
            serve(new TlsTransport(client, secured));
        }
        catch (Exception e) when (e is AuthenticationException or IOException or OperationCanceledException or SocketException or ObjectDisposedException)
        {
            PageChannelLog.HandshakeFailed(logger, peer, e.Message);
            await secured.DisposeAsync().ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _shaking);
        }
    }
}
