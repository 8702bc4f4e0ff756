using System.Collections.Concurrent;
using System.Net;
using Orleans.Runtime.Messaging;

namespace Orleans.Runtime;

/// <summary>Carries frames between the silos and clients of one process.</summary>
internal sealed class InProcessNetwork : IGatewayConnector
{
    private readonly ConcurrentDictionary<SiloAddress, InProcessTransport> _silos = new();
    private int _lastPort = 20_000;

    /// <summary>A number that no other silo of this network uses; nothing listens there.</summary>
    public int AllocatePort() => Interlocked.Increment(ref _lastPort);

    public void Join(SiloAddress silo, InProcessTransport transport) => _silos[silo] = transport;

    public void Leave(SiloAddress silo) => _silos.TryRemove(silo, out _);

    public InProcessTransport? Find(SiloAddress silo) => _silos.GetValueOrDefault(silo);

    public Task<IGatewayConnection> ConnectAsync(Uri gateway, string clusterId, GrainId client, Action<ReadOnlyMemory<byte>> onFrame, CancellationToken cancellationToken)
    {
        var port = new IPEndPoint(IPAddress.Loopback, gateway.Port).Port;
        var transport = _silos.Values.FirstOrDefault(each => each.AcceptsClientsOn(port))
            ?? throw new ConnectionFailedException($"No gateway answers at {gateway}.");
        return Task.FromResult<IGatewayConnection>(transport.Connect(client, onFrame));
    }
}
