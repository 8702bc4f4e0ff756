using System.Net;
using System.Net.Sockets;
using Orleans.Runtime.Messaging;

namespace Orleans.Runtime.Networking;

/// <summary>Opens connections and shakes hands.</summary>
internal sealed class Connector(TimeProvider time) : IGatewayConnector
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <exception cref="ConnectionFailedException">Nobody answers within five seconds, or the other end is somebody else.</exception>
    public async Task<(FrameConnection Connection, SiloAddress Silo)> OpenAsync(IPEndPoint endpoint, Preamble preamble, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(endpoint, either.Token).ConfigureAwait(false);
            var connection = new FrameConnection(socket);
            await connection.WriteFrameAsync(preamble.ToBytes(), either.Token).ConfigureAwait(false);
            SiloAddress silo = Preamble.ParseAnswer(await connection.ReadFrameAsync(Preamble.MaxBytes, either.Token).ConfigureAwait(false));
            return (connection, silo);
        }
        catch (Exception e) when (e is SocketException or IOException or InvalidDataException or OperationCanceledException)
        {
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            string why = e is OperationCanceledException ? $"no answer within {Timeout.TotalSeconds} s" : e.Message;
            throw new ConnectionFailedException($"Unable to connect to {preamble.Target?.ToString() ?? endpoint.ToString()}: {why}", e);
        }
    }

    public async Task<IGatewayConnection> ConnectAsync(Uri gateway, string clusterId, GrainId client, Action<ReadOnlyMemory<byte>> onFrame, CancellationToken cancellationToken)
    {
        var preamble = new Preamble(clusterId, null, client, null);
        (FrameConnection connection, SiloAddress silo) = await OpenAsync(gateway.ToGatewayEndPoint(), preamble, cancellationToken).ConfigureAwait(false);
        connection.Start(onFrame);
        return new GatewayConnection(connection, silo);
    }

    private sealed class GatewayConnection(FrameConnection connection, SiloAddress silo) : IGatewayConnection
    {
        public SiloAddress Silo => silo;

        public Task Closed => connection.Closed;

        public bool Send(ReadOnlyMemory<byte> frame) => connection.TrySend(frame);

        public ValueTask DisposeAsync() => connection.DisposeAsync();
    }
}
