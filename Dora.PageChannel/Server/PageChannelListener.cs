using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Dora.PageChannel.Codec;
using Dora.PageChannel.Transport;
using Microsoft.Extensions.Logging;

namespace Dora.PageChannel.Server;

/// <summary>
/// A worker's page-channel port. Bound before the silo starts, because the port is part of the silo's name; clients that come earlier than
/// <see cref="Start"/> wait in the backlog.
/// </summary>
internal sealed class PageChannelListener : IAsyncDisposable
{
    private const int Backlog = 512;
    private const int MaxReadsInLine = 65_536;
    private static readonly TimeSpan SweepPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AcceptPause = TimeSpan.FromMilliseconds(100);

    private readonly Socket _socket;
    private readonly PageChannelServerOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ReplyBudget _budget;
    private readonly SendBuffers _buffers;
    private readonly ConcurrentDictionary<ServedConnection, Task> _connections = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly TlsAcceptor? _tls;
    private ITimer? _sweep;
    private Task _accepting = Task.CompletedTask;

    private PageChannelListener(Socket socket, PageChannelServerOptions options, TimeProvider time, ILogger logger)
    {
        (_socket, _options, _time, _logger) = (socket, options, time, logger);
        _budget = new ReplyBudget(Math.Max(options.MaxReplyBytes, options.MaxReadLength + FrameHeader.Size), MaxReadsInLine);
        _buffers = new SendBuffers(options.MaxReplyBytes / 4);
        _tls = options.Tls is null ? null : new TlsAcceptor(options.Tls, options, time, logger);
        EndPoint = (IPEndPoint)socket.LocalEndPoint!;
    }

    /// <summary>Where clients connect; the port is the real one even when 0 was asked for.</summary>
    public IPEndPoint EndPoint { get; }

    /// <summary>The worker that answers.</summary>
    public WorkerId WorkerId => _options.WorkerId;

    /// <summary>Open connections.</summary>
    public int ConnectionCount => _connections.Count;

    /// <summary>Takes the port.</summary>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>: the port is in use or the address is not this machine's.</exception>
    public static PageChannelListener Bind(PageChannelServerOptions options, TimeProvider time, ILogger<PageChannelListener> logger)
    {
        var socket = new Socket(options.Address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(options.Address, options.Port));
            socket.Listen(Backlog);
            return new PageChannelListener(socket, options, time, logger);
        }
        catch (SocketException e)
        {
            socket.Dispose();
            string message = e.SocketErrorCode == SocketError.AddressAlreadyInUse
                ? $"port {options.Port} is in use: choose another with --page-port, or 0 for a free one"
                : $"the page channel cannot listen on {options.Address}:{options.Port} ({e.Message}): choose another address or port";
            throw new DoraException(DoraErrorCode.Configuration, message, e);
        }
    }

    /// <summary>Starts to serve.</summary>
    public void Start(IPageRequestHandler handler)
    {
        PageChannelLog.Listening(_logger, EndPoint);
        _sweep = _time.CreateTimer(_ => Sweep(), null, SweepPeriod, SweepPeriod);
        _accepting = AcceptAllAsync(handler);
    }

    /// <summary>Accepts nobody more, lets requests in flight finish within the drain timeout, says goodbye, and closes.</summary>
    public async Task StopAsync()
    {
        if (_stopping.IsCancellationRequested)
        {
            return;
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        _socket.Dispose();
        await _accepting.ConfigureAwait(false);
        using (var deadline = new CancellationTokenSource(_options.DrainTimeout, _time))
        {
            await Task.WhenAll(_connections.Keys.Select(c => c.StopAsync(deadline.Token))).ConfigureAwait(false);
            await Task.WhenAll(_connections.Values).WaitAsync(deadline.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        foreach (ServedConnection connection in _connections.Keys)
        {
            connection.Abort();
        }

        await Task.WhenAll(_connections.Values).ConfigureAwait(false);
        if (_sweep is not null)
        {
            await _sweep.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>As <see cref="StopAsync"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task AcceptAllAsync(IPageRequestHandler handler)
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Socket client = await _socket.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                client.NoDelay = true;
                if (_tls is null)
                {
                    Admit(new SocketTransport(client), handler);
                }
                else
                {
                    _ = _tls.AcceptAsync(client, secured => Admit(secured, handler), _stopping.Token);
                }
            }
            catch (Exception) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (SocketException e)
            {
                // For example no file descriptor left: those who are connected go on, and it is tried again.
                PageChannelLog.AcceptFailed(_logger, e);
                await Task.Delay(AcceptPause, _time, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private void Admit(IChannelTransport client, IPageRequestHandler handler)
    {
        if (_connections.Count >= _options.MaxConnections)
        {
            PageChannelLog.TooManyConnections(_logger, _connections.Count, client.Peer);
            _ = RefuseAsync(client, handler.MembershipVersion);
            return;
        }

        var connection = new ServedConnection(client, _options, handler, _budget, _buffers, _time, _logger);
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _connections[connection] = ServeAsync(connection, started.Task);
        started.SetResult();
    }

    private async Task ServeAsync(ServedConnection connection, Task started)
    {
        await started.ConfigureAwait(false);
        await connection.RunAsync().ConfigureAwait(false);
        _connections.TryRemove(connection, out _);
    }

    private static async Task RefuseAsync(IChannelTransport client, long membershipVersion)
    {
        byte[] goodbye = new byte[FrameHeader.Size + PageChannelProtocol.MaxMessageBytes];
        int length = FrameWriter.WriteGoodbye(goodbye, membershipVersion, PageChannelStatus.Busy, "too many connections: try another worker");
        try
        {
            // A new socket's send buffer takes this without waiting.
            await client.SendAsync(goodbye.AsMemory(0, length), CancellationToken.None).ConfigureAwait(false);
            await client.EndSendingAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (TransportErrors.IsEnd(e))
        {
            // Gone already.
        }

        client.Dispose();
    }

    private void Sweep()
    {
        foreach (ServedConnection connection in _connections.Keys)
        {
            connection.CheckTimeouts();
        }
    }
}
