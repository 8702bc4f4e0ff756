namespace Orleans.Runtime;

/// <summary>
/// Carries message frames between silos, and between a silo's gateway and its external clients. A frame is one encoded <see cref="Message"/>; the transport adds its own length prefix
/// and knows nothing of the contents. Frames between two ends arrive in order or not at all; sending never blocks and never throws.
/// </summary>
internal interface IGrainMessageTransport
{
    /// <summary>Starts listening on the endpoints of <paramref name="local"/>. Clients are accepted when <see cref="OpenGateway"/> was called.</summary>
    Task StartAsync(ILocalSiloDetails local, IGrainMessageReceiver receiver, CancellationToken cancellationToken);

    void OpenGateway();

    /// <summary>Sends to a silo, connecting when needed. A frame that cannot be delivered comes back through <see cref="IGrainMessageReceiver.OnUndeliverable"/>.</summary>
    void SendToSilo(SiloAddress silo, ReadOnlyMemory<byte> frame);

    /// <summary>Sends to a client connected to this silo's gateway. False when it is not connected.</summary>
    bool SendToClient(GrainId client, ReadOnlyMemory<byte> frame);

    /// <summary>Closes connections to a silo that was declared dead, and refuses it from now on.</summary>
    void CloseConnectionsTo(SiloAddress silo);

    Task StopAsync(CancellationToken cancellationToken);
}

/// <summary>What the silo does with what the transport brings. Called from any thread; returns quickly.</summary>
internal interface IGrainMessageReceiver
{
    void OnSiloFrame(ReadOnlyMemory<byte> frame);

    void OnClientFrame(GrainId client, ReadOnlyMemory<byte> frame);

    /// <summary>The frame was certainly not delivered: its request is sent elsewhere, or rejected at once.</summary>
    void OnUndeliverable(ReadOnlyMemory<byte> frame, Exception reason);
}

/// <summary>Connects an external client to gateways.</summary>
internal interface IGatewayConnector
{
    /// <summary>Throws <see cref="Messaging.ConnectionFailedException"/> when nobody answers.</summary>
    Task<IGatewayConnection> ConnectAsync(Uri gateway, string clusterId, GrainId client, Action<ReadOnlyMemory<byte>> onFrame, CancellationToken cancellationToken);
}

/// <summary>A client's connection to one gateway.</summary>
internal interface IGatewayConnection : IAsyncDisposable
{
    /// <summary>The silo behind the gateway.</summary>
    SiloAddress Silo { get; }

    /// <summary>Completes when the connection is lost or closed.</summary>
    Task Closed { get; }

    /// <summary>False when the connection is lost.</summary>
    bool Send(ReadOnlyMemory<byte> frame);
}
