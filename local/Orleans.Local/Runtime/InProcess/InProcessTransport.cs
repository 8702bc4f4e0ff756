using System.Collections.Concurrent;
using System.Threading.Channels;
using Orleans.Runtime.Messaging;

namespace Orleans.Runtime;

/// <summary>A silo's end of an <see cref="InProcessNetwork"/>. Frames are delivered in order by one loop per silo.</summary>
internal sealed class InProcessTransport(InProcessNetwork network) : IGrainMessageTransport
{
    private readonly ConcurrentDictionary<GrainId, ClientConnection> _clients = new();
    private readonly Channel<(GrainId? Client, ReadOnlyMemory<byte> Frame)> _incoming = Channel.CreateUnbounded<(GrainId?, ReadOnlyMemory<byte>)>(new UnboundedChannelOptions { SingleReader = true });
    private ILocalSiloDetails? _local;
    private IGrainMessageReceiver? _receiver;
    private volatile bool _gatewayOpen;

    public Task StartAsync(ILocalSiloDetails local, IGrainMessageReceiver receiver, CancellationToken cancellationToken)
    {
        _local = local;
        _receiver = receiver;
        network.Join(local.SiloAddress, this);
        _ = Task.Run(DeliverAsync, CancellationToken.None);
        return Task.CompletedTask;
    }

    public void OpenGateway() => _gatewayOpen = true;

    public bool AcceptsClientsOn(int port) => _gatewayOpen && _local!.GatewayAddress.Endpoint.Port == port;

    public IGatewayConnection Connect(GrainId client, Action<ReadOnlyMemory<byte>> onFrame) =>
        _clients[client] = new ClientConnection(this, client, _local!.SiloAddress, onFrame);

    public void SendToSilo(SiloAddress silo, ReadOnlyMemory<byte> frame)
    {
        if (network.Find(silo) is not { } target || !target._incoming.Writer.TryWrite((null, frame)))
            _receiver!.OnUndeliverable(frame, new ConnectionFailedException($"No silo answers at {silo}."));
    }

    public bool SendToClient(GrainId client, ReadOnlyMemory<byte> frame) => _clients.TryGetValue(client, out var connection) && connection.Deliver(frame);

    public void CloseConnectionsTo(SiloAddress silo)
    {
        // Nothing is kept per peer.
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        if (_local is not null)
            network.Leave(_local.SiloAddress);
        _gatewayOpen = false;
        _incoming.Writer.TryComplete();
        foreach (var client in _clients.Values)
            client.Close();
        return Task.CompletedTask;
    }

    private async Task DeliverAsync()
    {
        await foreach (var (client, frame) in _incoming.Reader.ReadAllAsync().ConfigureAwait(false))
        {
            if (client is { } id)
                _receiver!.OnClientFrame(id, frame);
            else
                _receiver!.OnSiloFrame(frame);
        }
    }

    private sealed class ClientConnection(InProcessTransport transport, GrainId client, SiloAddress silo, Action<ReadOnlyMemory<byte>> onFrame) : IGatewayConnection
    {
        private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public SiloAddress Silo => silo;

        public Task Closed => _closed.Task;

        public bool Send(ReadOnlyMemory<byte> frame) => !_closed.Task.IsCompleted && transport._incoming.Writer.TryWrite((client, frame));

        public bool Deliver(ReadOnlyMemory<byte> frame)
        {
            if (_closed.Task.IsCompleted)
                return false;
            onFrame(frame);
            return true;
        }

        public void Close()
        {
            transport._clients.TryRemove(new KeyValuePair<GrainId, ClientConnection>(client, this));
            _closed.TrySetResult();
        }

        public ValueTask DisposeAsync()
        {
            Close();
            return ValueTask.CompletedTask;
        }
    }
}
