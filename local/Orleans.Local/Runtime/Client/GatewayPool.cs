using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Messaging;
using Orleans.Runtime.Messaging;

namespace Orleans.Runtime;

/// <summary>A client's connections to gateways: follows the list, reconnects, and chooses one per grain.</summary>
internal sealed class GatewayPool(IGatewayConnector connector, IGatewayListProvider list, ClientEvents events, IOptions<ClusterOptions> cluster, IOptions<GatewayOptions> options, TimeProvider time, ILogger<GatewayPool> log) : IDisposable
{
    public const string ClosingCall = "gateway.closing";
    private static readonly TimeSpan ReconnectPeriod = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly Dictionary<Uri, IGatewayConnection> _connections = [];
    private readonly CancellationTokenSource _stopped = new();
    private volatile IGatewayConnection[] _open = [];
    private IReadOnlyList<Uri> _known = [];
    private long _listRead;
    private Action<IGatewayConnection, ReadOnlyMemory<byte>>? _onFrame;

    public GrainId ClientId { get; } = ClientIds.NewClient();

    /// <summary>Connects to every gateway that answers; throws when none does.</summary>
    public async Task StartAsync(Action<IGatewayConnection, ReadOnlyMemory<byte>> onFrame, CancellationToken ct)
    {
        _onFrame = onFrame;
        await list.InitializeGatewayListProvider().ConfigureAwait(false);
        await ReadListAsync().ConfigureAwait(false);
        var failure = await ConnectMissingAsync(ct).ConfigureAwait(false);
        if (_open.Length == 0)
            throw failure ?? new ConnectionFailedException("No gateway is known: no silo with a gateway is active.");
    }

    /// <summary>From now on the pool repairs itself.</summary>
    public void Maintain() => _ = Task.Run(MaintainAsync, CancellationToken.None);

    public IGatewayConnection For(GrainId grain)
    {
        var open = _open;
        return open.Length > 0 ? open[grain.GetUniformHashCode() % (uint)open.Length] : throw new ConnectionFailedException("The client is connected to no gateway.");
    }

    /// <summary>New calls avoid the gateway; answers may still come.</summary>
    public void Avoid(IGatewayConnection connection)
    {
        lock (_lock)
        {
            foreach (var uri in _connections.Where(pair => ReferenceEquals(pair.Value, connection)).Select(pair => pair.Key).ToList())
                _connections.Remove(uri);
            Publish();
        }
    }

    public void Dispose() => _stopped.Dispose();

    public async Task StopAsync()
    {
        await _stopped.CancelAsync().ConfigureAwait(false);
        IGatewayConnection[] all;
        lock (_lock)
        {
            all = [.. _connections.Values];
            _connections.Clear();
            Publish();
        }

        foreach (var connection in all)
            await connection.DisposeAsync().ConfigureAwait(false);
    }

    private async Task MaintainAsync()
    {
        while (!_stopped.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(ReconnectPeriod < options.Value.GatewayListRefreshPeriod ? ReconnectPeriod : options.Value.GatewayListRefreshPeriod, time, _stopped.Token).ConfigureAwait(false);
                if (time.GetElapsedTime(_listRead) >= options.Value.GatewayListRefreshPeriod || _open.Length < _known.Count)
                    await ReadListAsync().ConfigureAwait(false);
                await ConnectMissingAsync(_stopped.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stopped.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                log.LogWarning(exception, "The list of gateways could not be read.");
            }
        }
    }

    private async Task ReadListAsync()
    {
        _known = [.. await list.GetGateways().ConfigureAwait(false)];
        _listRead = time.GetTimestamp();
        List<IGatewayConnection> dropped;
        lock (_lock)
        {
            dropped = [.. _connections.Where(pair => !_known.Contains(pair.Key)).Select(pair => pair.Value)];
            foreach (var uri in _connections.Keys.Where(uri => !_known.Contains(uri)).ToList())
                _connections.Remove(uri);
            Publish();
        }

        foreach (var connection in dropped)
            await connection.DisposeAsync().ConfigureAwait(false);
    }

    private async Task<Exception?> ConnectMissingAsync(CancellationToken ct)
    {
        Exception? failure = null;
        foreach (var uri in _known)
        {
            lock (_lock)
            {
                if (_connections.ContainsKey(uri))
                    continue;
            }

            try
            {
                await ConnectAsync(uri, ct).ConfigureAwait(false);
            }
            catch (Exception exception) when (!ct.IsCancellationRequested)
            {
                log.LogDebug(exception, "Gateway {Uri} does not answer.", uri);
                failure = exception;
            }
        }

        return failure;
    }

    private async Task ConnectAsync(Uri uri, CancellationToken ct)
    {
        IGatewayConnection? connection = null;
        connection = await connector.ConnectAsync(uri, cluster.Value.ClusterId, ClientId, frame => _onFrame!(connection!, frame), ct).ConfigureAwait(false);
        lock (_lock)
        {
            _connections[uri] = connection;
            Publish();
        }

        _ = connection.Closed.ContinueWith(_ => Avoid(connection), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
    }

    // The lock is held.
    private void Publish()
    {
        var before = _open.Length;
        _open = [.. _connections.Values.OrderBy(connection => connection.Silo)];
        if (_open.Length != before)
            events.GatewayCountChanged(this, _open.Length, before);
    }
}

/// <summary>Tells the handlers of the application.</summary>
internal sealed class ClientEvents(IEnumerable<GatewayCountChangedHandler> countChanged, IEnumerable<ConnectionToClusterLostHandler> lost)
{
    public void GatewayCountChanged(object sender, int now, int before)
    {
        foreach (var handler in countChanged)
            handler(sender, new GatewayCountChangedEventArgs(now, before));
        if (now > 0)
            return;
        foreach (var handler in lost)
            handler(sender, EventArgs.Empty);
    }
}
