using System.Collections.Concurrent;
using System.Net;
using Microsoft.Extensions.Options;
using Orleans.Configuration;

namespace Orleans.Runtime.Networking;

/// <summary>
/// Frames between silos over TCP: each silo sends on the connections it opened and receives on those opened to it.
/// Clients send and receive on the one connection they opened to the gateway.
/// </summary>
internal sealed class TcpTransport(IOptions<EndpointOptions> endpoints, Connector connector, TimeProvider time) : IGrainMessageTransport, IDisposable
{
    private readonly ConcurrentDictionary<SiloAddress, SiloLink> _links = new();
    private readonly ConcurrentDictionary<GrainId, FrameConnection> _clients = new();
    private readonly ConcurrentDictionary<FrameConnection, SiloAddress> _incoming = new();
    private readonly ConcurrentDictionary<SiloAddress, bool> _dead = new();
    private ILocalSiloDetails _local = null!;
    private IGrainMessageReceiver _receiver = null!;
    private Listener? _siloListener;
    private Listener? _gatewayListener;
    private volatile bool _stopped;

    public Task StartAsync(ILocalSiloDetails local, IGrainMessageReceiver receiver, CancellationToken cancellationToken)
    {
        (_local, _receiver) = (local, receiver);
        EndpointOptions options = endpoints.Value;
        _siloListener = new Listener(options.SiloListeningEndpoint ?? new IPEndPoint(options.AdvertisedIPAddress, options.SiloPort), time);
        if (options.GatewayPort > 0)
            _gatewayListener = new Listener(options.GatewayListeningEndpoint ?? new IPEndPoint(options.AdvertisedIPAddress, options.GatewayPort), time);
        _siloListener.Open(WelcomeSiloAsync);
        return Task.CompletedTask;
    }

    public void OpenGateway() => _gatewayListener?.Open(WelcomeClientAsync);

    public void SendToSilo(SiloAddress silo, ReadOnlyMemory<byte> frame)
    {
        if (_stopped) _receiver.OnUndeliverable(frame, new SiloUnavailableException($"{_local.SiloAddress} has stopped."));
        else if (_dead.ContainsKey(silo)) _receiver.OnUndeliverable(frame, Dead(silo));
        else _links.GetOrAdd(silo, MakeLink).Send(frame);
    }

    public bool SendToClient(GrainId client, ReadOnlyMemory<byte> frame) => _clients.TryGetValue(client, out FrameConnection? connection) && connection.TrySend(frame);

    public void CloseConnectionsTo(SiloAddress silo)
    {
        _dead[silo] = true;
        if (_links.TryRemove(silo, out SiloLink? link)) link.Close(Dead(silo));
        foreach ((FrameConnection connection, SiloAddress from) in _incoming)
            if (from.Equals(silo)) connection.Close();
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        _stopped = true;
        Dispose();
        foreach (SiloLink link in _links.Values) link.Close(new SiloUnavailableException($"{_local.SiloAddress} has stopped."));
        foreach (FrameConnection connection in _clients.Values.Concat(_incoming.Keys)) connection.Close();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _siloListener?.Dispose();
        _gatewayListener?.Dispose();
    }

    private static SiloUnavailableException Dead(SiloAddress silo) => new($"{silo} was declared dead.");

    private SiloLink MakeLink(SiloAddress silo) => new(silo, () => ConnectAsync(silo), (frame, reason) => _receiver.OnUndeliverable(frame, reason), time);

    private async Task<FrameConnection> ConnectAsync(SiloAddress silo)
    {
        var preamble = new Preamble(_local.ClusterId, _local.SiloAddress, default, silo);
        (FrameConnection connection, _) = await connector.OpenAsync(silo.Endpoint, preamble, CancellationToken.None).ConfigureAwait(false);
        connection.Start(_receiver.OnSiloFrame);
        return connection;
    }

    private async Task<bool> WelcomeSiloAsync(FrameConnection connection, CancellationToken cancellationToken)
    {
        if (await ReadPreambleAsync(connection, cancellationToken).ConfigureAwait(false) is not { Silo: { } silo }) return false;
        if (_dead.ContainsKey(silo)) return false;
        await connection.WriteFrameAsync(Preamble.Accept(_local.SiloAddress), cancellationToken).ConfigureAwait(false);
        _incoming[connection] = silo;
        connection.Start(_receiver.OnSiloFrame);
        ForgetWhenClosed(connection, () => _incoming.TryRemove(connection, out _));
        return true;
    }

    private async Task<bool> WelcomeClientAsync(FrameConnection connection, CancellationToken cancellationToken)
    {
        if (await ReadPreambleAsync(connection, cancellationToken).ConfigureAwait(false) is not { Silo: null, Client: var client }) return false;
        await connection.WriteFrameAsync(Preamble.Accept(_local.SiloAddress), cancellationToken).ConfigureAwait(false);

        // A client that reconnects replaces its older connection, which may not have noticed its end yet.
        FrameConnection? older = null;
        _clients.AddOrUpdate(client, connection, (_, known) => (older = known, connection).connection);
        older?.Close();
        connection.Start(frame => _receiver.OnClientFrame(client, frame));
        ForgetWhenClosed(connection, () => _clients.TryRemove(KeyValuePair.Create(client, connection)));
        return true;
    }

    private async Task<Preamble?> ReadPreambleAsync(FrameConnection connection, CancellationToken cancellationToken)
    {
        byte[]? bytes = await connection.ReadFrameAsync(Preamble.MaxBytes, cancellationToken).ConfigureAwait(false);
        if (bytes is null) return null;
        Preamble preamble = Preamble.Parse(bytes);
        string? refusal = _stopped ? "this silo has stopped"
            : preamble.ClusterId != _local.ClusterId ? $"this silo belongs to cluster '{_local.ClusterId}', not to '{preamble.ClusterId}'"
            : preamble.Target is { } target && !target.Equals(_local.SiloAddress) ? $"this is {_local.SiloAddress}, not {target}"
            : null;
        if (refusal is null) return preamble;
        await connection.WriteFrameAsync(Preamble.Refuse(refusal), cancellationToken).ConfigureAwait(false);
        return null;
    }

    private void ForgetWhenClosed(FrameConnection connection, Action forget)
    {
        _ = connection.Closed.ContinueWith(_ => forget(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

        // A connection that was accepted while the transport stopped is not in the lists that StopAsync went through.
        if (_stopped) connection.Close();
    }
}
