using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Dora.PageChannel.Codec;
using Dora.PageChannel.Transport;

namespace Dora.PageChannel.Client;

/// <summary>Makes connections: TCP connect, hello, and the limits the worker grants.</summary>
/// <param name="options">How connections behave.</param>
/// <param name="time">The clock.</param>
internal sealed class PageChannelConnector(ChannelOptions options, TimeProvider time)
{
    private readonly RemoteCertificateValidationCallback? _validation = options.WorkerCertificateCheck;

    /// <summary>Connects to a worker. Never throws but for a cancellation by the caller.</summary>
    public async Task<ConnectResult> ConnectAsync(WorkerInfo worker, CancellationToken cancellationToken)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        IDisposable opened = socket;
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        ConnectResult result;
        try
        {
            WorkerInfo at = options.Via(worker);
            await socket.ConnectAsync(at.Host, at.PagePort, linked.Token).ConfigureAwait(false);
            (IChannelTransport? transport, string? refused) = options.UseTls
                ? await SecureAsync(socket, worker, linked.Token).ConfigureAwait(false)
                : (new SocketTransport(socket), null);
            if (transport is null)
            {
                return new ConnectResult(null, PageChannelStatus.Unauthenticated, refused);
            }

            opened = transport;
            result = await HelloAsync(transport, worker, linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            result = new ConnectResult(null, PageChannelStatus.Ok, "connect timed out", IsTimeout: true);
        }
        catch (Exception e) when (e is SocketException or IOException or AuthenticationException)
        {
            // Also TLS that broke on its way: only a certificate that was seen and refused is a refusal.
            result = new ConnectResult(null, PageChannelStatus.Ok, e.Message);
        }
        catch (OperationCanceledException)
        {
            opened.Dispose();
            throw;
        }

        if (result.Connection is null)
        {
            opened.Dispose();
        }

        return result;
    }

    /// <summary>Shakes hands.</summary>
    /// <returns>The transport, or why the worker's certificate is not accepted.</returns>
    private async Task<(IChannelTransport? Transport, string? Refused)> SecureAsync(Socket socket, WorkerInfo worker, CancellationToken cancellationToken)
    {
        bool isRefused = false;
        var secured = new SslStream(new NetworkStream(socket, ownsSocket: true));
        var tls = new SslClientAuthenticationOptions
        {
            TargetHost = worker.Host,
            RemoteCertificateValidationCallback = (sender, certificate, chain, errors) =>
            {
                bool isTrusted = _validation?.Invoke(sender, certificate, chain, errors) ?? errors == SslPolicyErrors.None;
                isRefused = !isTrusted;
                return isTrusted;
            },
        };
        try
        {
            await secured.AuthenticateAsClientAsync(tls, cancellationToken).ConfigureAwait(false);
            return (new TlsTransport(socket, secured), null);
        }
        catch (AuthenticationException) when (isRefused)
        {
            await secured.DisposeAsync().ConfigureAwait(false);
            return (null, $"the certificate of worker {worker.Id} is not trusted: give its authority or itself as TrustFile (DORA_TLS_TRUST)");
        }
        catch
        {
            await secured.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<ConnectResult> HelloAsync(IChannelTransport transport, WorkerInfo worker, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[PageChannelProtocol.MaxControlFrame];
        ReadOnlyMemory<byte> hello = buffer.AsMemory(0, WriteHello(buffer, worker));
        while (!hello.IsEmpty)
        {
            hello = hello[await transport.SendAsync(hello, cancellationToken).ConfigureAwait(false)..];
        }

        int received = 0;
        while (true)
        {
            int count = await transport.ReceiveAsync(buffer.AsMemory(received), cancellationToken).ConfigureAwait(false);
            received += count;
            if (count == 0)
            {
                return new ConnectResult(null, PageChannelStatus.Ok, "the connection was closed during the hello");
            }

            if (TryFinish(transport, buffer.AsSpan(0, received), out ConnectResult result))
            {
                return result;
            }
        }
    }

    private int WriteHello(Span<byte> buffer, WorkerInfo worker) => FrameWriter.WriteHello(buffer, membershipVersion: 0, new HelloRequest
    {
        MinVersion = PageChannelProtocol.MinVersion,
        MaxVersion = PageChannelProtocol.MaxVersion,
        MaxReadLength = PageChannelProtocol.MaxReadLength,
        MaxInFlight = options.MaxInFlight,
        ClusterId = Encoding.UTF8.GetBytes(options.ClusterId),
        WorkerId = Encoding.ASCII.GetBytes(worker.Id.Value),
        Token = options.Token.Span,
    });

    /// <summary>Whether the worker's answer is whole, and what it is.</summary>
    private bool TryFinish(IChannelTransport transport, ReadOnlySpan<byte> source, out ConnectResult result)
    {
        result = default;
        FrameDecode decode = FrameReader.ReadHeaderAtClient(source, PageChannelProtocol.MaxReadLength, out FrameHeader header);
        if (decode.IsOk && source.Length < header.FrameLength)
        {
            return header.FrameLength > PageChannelProtocol.MaxControlFrame && Refuse("the first frame is no hello reply", out result);
        }

        if (decode.Outcome == FrameDecodeOutcome.NeedMore)
        {
            return false;
        }

        if (!decode.IsOk)
        {
            return Refuse($"no page channel answers there ({decode.Reason})", out result);
        }

        ReadOnlySpan<byte> body = source[FrameHeader.Size..header.FrameLength];
        if (header.IsError || header.Opcode == PageChannelOpcode.Goodbye)
        {
            FrameReader.ReadMessage(header, body, out ReadOnlySpan<byte> message);
            result = new ConnectResult(null, header.Status, Encoding.UTF8.GetString(message));
            return true;
        }

        decode = FrameReader.ReadHelloReply(header, body, out HelloReply reply);
        if (!decode.IsOk)
        {
            return Refuse(decode.Reason!, out result);
        }

        if (PageChannelProtocol.ChooseVersion(reply.Version, reply.Version) == 0)
        {
            result = new ConnectResult(null, PageChannelStatus.UnsupportedVersion, $"the worker chose page-channel version {reply.Version}, which this client does not speak: update it");
            return true;
        }

        if (source.Length > header.FrameLength)
        {
            // Nothing was asked yet: this can only be a goodbye, and its bytes would be lost to the receive loop.
            return Refuse("the worker ends the connection at once", out result);
        }

        var limits = new GrantedLimits(reply.MaxReadLength, Math.Min(reply.MaxInFlight, options.MaxInFlight), reply.Version);
        result = new ConnectResult(new PageChannelConnection(transport, limits, options, time), PageChannelStatus.Ok, null);
        return true;
    }

    private static bool Refuse(string reason, out ConnectResult result)
    {
        result = new ConnectResult(null, PageChannelStatus.Ok, reason);
        return true;
    }
}
