using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Runtime;
using Orleans.Runtime.Messaging;
using Orleans.Runtime.Networking;

namespace Local.Tests.Networking;

public sealed class TcpTransportTests : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly List<Node> _nodes = [];

    public async ValueTask DisposeAsync()
    {
        foreach (Node node in _nodes) await node.Transport.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task SiloFrames_ManySizes_ArriveInOrder()
    {
        (Node a, Node b) = (await StartAsync(), await StartAsync());
        int[] sizes = [0, 1, 100, 65_531, 65_532, 65_533, 70_000, 3_000_000, 5];
        for (int round = 0; round < 20; round++)
            foreach (int size in sizes) a.Transport.SendToSilo(b.Silo, Frame(size, round));
        for (int round = 0; round < 20; round++)
            foreach (int size in sizes) Assert.Equal(Frame(size, round), (await b.NextAsync()).ToArray());
    }

    [Fact]
    public async Task Client_ThroughGateway_SendsAndReceives()
    {
        Node silo = await StartAsync();
        GrainId client = GrainId.Create("client", "c1");
        await Assert.ThrowsAsync<ConnectionFailedException>(() => ConnectAsync(silo, client, _ => { }));
        silo.Transport.OpenGateway();
        var received = new BlockingCollection<byte[]>();
        await using IGatewayConnection connection = await ConnectAsync(silo, client, f => received.Add(f.ToArray()));
        Assert.Equal(silo.Silo, connection.Silo);
        Assert.True(connection.Send(Frame(10, 1)));
        Assert.Equal(Frame(10, 1), (await silo.NextAsync()).ToArray());
        Assert.True(silo.Transport.SendToClient(client, Frame(20, 2)));
        Assert.True(received.TryTake(out byte[]? back, Patience));
        Assert.Equal(Frame(20, 2), back);
        Assert.False(silo.Transport.SendToClient(GrainId.Create("client", "other"), Frame(1, 1)));
        await silo.Transport.StopAsync(CancellationToken.None);
        await connection.Closed.WaitAsync(Patience);
    }

    [Fact]
    public async Task NobodyListens_Frame_ComesBackAtOnce()
    {
        Node a = await StartAsync();
        SiloAddress nobody = SiloAddress.New(IPAddress.Loopback, Ports.Free(), 1);
        a.Transport.SendToSilo(nobody, Frame(5, 5));
        (byte[] frame, Exception reason) = await a.UndeliverableAsync();
        Assert.Equal(Frame(5, 5), frame);
        Assert.Contains(nobody.ToString(), Assert.IsType<ConnectionFailedException>(reason).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OtherGenerationOnTheEndpoint_Frame_ComesBack()
    {
        (Node a, Node b) = (await StartAsync(), await StartAsync());
        a.Transport.SendToSilo(SiloAddress.New(b.Silo.Endpoint, b.Silo.Generation - 1), Frame(5, 5));
        Assert.Contains("this is", (await a.UndeliverableAsync()).Reason.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OtherCluster_Connection_IsRefused()
    {
        (Node a, Node b) = (await StartAsync(), await StartAsync("other"));
        a.Transport.SendToSilo(b.Silo, Frame(5, 5));
        Assert.Contains("cluster 'other'", (await a.UndeliverableAsync()).Reason.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task DeadSilo_Frames_ComeBackAndItsConnectionsClose()
    {
        (Node a, Node b) = (await StartAsync(), await StartAsync());
        b.Transport.SendToSilo(a.Silo, Frame(1, 1));
        await a.NextAsync();
        a.Transport.CloseConnectionsTo(b.Silo);
        a.Transport.SendToSilo(b.Silo, Frame(2, 2));
        Assert.IsType<SiloUnavailableException>((await a.UndeliverableAsync()).Reason);
    }

    [Fact]
    public async Task SiloRestarts_NextFrames_Arrive()
    {
        (Node a, Node b) = (await StartAsync(), await StartAsync());
        a.Transport.SendToSilo(b.Silo, Frame(1, 1));
        await b.NextAsync();
        await b.Transport.StopAsync(CancellationToken.None);
        Node again = await StartAsync(silo: b.Silo);
        using var timeout = new CancellationTokenSource(Patience);
        Task<ReadOnlyMemory<byte>> arrival = again.NextAsync();
        while (!arrival.IsCompleted)
        {
            // Frames may be lost with the old connection or come back while it is made anew: senders repeat.
            timeout.Token.ThrowIfCancellationRequested();
            a.Transport.SendToSilo(b.Silo, Frame(3, 3));
            await Task.WhenAny(arrival, Task.Delay(50));
        }

        Assert.Equal(Frame(3, 3), (await arrival).ToArray());
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("\u0005\0\0\0hello")]
    public async Task Stranger_OnTheSiloPort_IsDisconnected(string text)
    {
        Node a = await StartAsync();
        using var stranger = new TcpClient();
        await stranger.ConnectAsync(a.Silo.Endpoint);
        await stranger.GetStream().WriteAsync(System.Text.Encoding.Latin1.GetBytes(text));
        Assert.Equal(0, await ReadToEndAsync(stranger.GetStream()));
    }

    [Fact]
    public async Task FrameOverTheLimit_FromAClient_ClosesOnlyThatConnection()
    {
        Node silo = await StartAsync();
        silo.Transport.OpenGateway();
        using var bad = new TcpClient();
        await bad.ConnectAsync(IPAddress.Loopback, silo.GatewayPort);
        byte[] preamble = new Preamble("c", null, GrainId.Create("client", "bad"), null).ToBytes();
        byte[] bytes = new byte[8 + preamble.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, preamble.Length);
        preamble.CopyTo(bytes, 4);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4 + preamble.Length), int.MaxValue);
        await using IGatewayConnection good = await ConnectAsync(silo, GrainId.Create("client", "good"), _ => { });
        await bad.GetStream().WriteAsync(bytes);
        await ReadToEndAsync(bad.GetStream());
        Assert.True(good.Send(Frame(3, 3)));
        Assert.Equal(Frame(3, 3), (await silo.NextAsync()).ToArray());
    }

    [Fact]
    public async Task PortInUse_Start_SaysWhich()
    {
        Node a = await StartAsync();
        SocketException e = await Assert.ThrowsAsync<SocketException>(() => StartAsync(silo: a.Silo));
        Assert.Equal(SocketError.AddressAlreadyInUse, e.SocketErrorCode);
        Assert.Contains(a.Silo.Endpoint.ToString(), e.Message, StringComparison.Ordinal);
    }

    private static byte[] Frame(int size, int seed)
    {
        byte[] bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    private static async Task<int> ReadToEndAsync(NetworkStream stream)
    {
        byte[] buffer = new byte[4096];
        using var timeout = new CancellationTokenSource(Patience);
        try
        {
            int total = 0;
            for (int n; (n = await stream.ReadAsync(buffer, timeout.Token)) > 0;) total += n;
            return total;
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static Task<IGatewayConnection> ConnectAsync(Node silo, GrainId client, Action<ReadOnlyMemory<byte>> onFrame) =>
        new Connector(TimeProvider.System).ConnectAsync(new IPEndPoint(IPAddress.Loopback, silo.GatewayPort).ToGatewayUri(), "c", client, onFrame, CancellationToken.None);

    private async Task<Node> StartAsync(string cluster = "c", SiloAddress? silo = null)
    {
        int gateway = Ports.Free();
        silo ??= SiloAddress.New(IPAddress.Loopback, Ports.Free(), 100);
        var options = new EndpointOptions { SiloPort = silo.Endpoint.Port, GatewayPort = gateway, AdvertisedIPAddress = IPAddress.Loopback };
        var node = new Node(new TcpTransport(Options.Create(options), new Connector(TimeProvider.System), TimeProvider.System), silo, gateway, cluster);
        await node.Transport.StartAsync(node, node, CancellationToken.None);
        _nodes.Add(node);
        return node;
    }

    private sealed class Node(TcpTransport transport, SiloAddress silo, int gatewayPort, string cluster) : ILocalSiloDetails, IGrainMessageReceiver
    {
        private readonly Channel<(byte[] Frame, Exception Reason)> _undeliverable = Channel.CreateUnbounded<(byte[], Exception)>();
        private readonly Channel<ReadOnlyMemory<byte>> _received = Channel.CreateUnbounded<ReadOnlyMemory<byte>>();

        public TcpTransport Transport => transport;

        public SiloAddress Silo => silo;

        public int GatewayPort => gatewayPort;

        public string Name => "test";

        public string ClusterId => cluster;

        public string DnsHostName => "localhost";

        public SiloAddress SiloAddress => silo;

        public SiloAddress GatewayAddress => SiloAddress.New(IPAddress.Loopback, gatewayPort, 0);

        public void OnSiloFrame(ReadOnlyMemory<byte> frame) => _received.Writer.TryWrite(frame);

        public void OnClientFrame(GrainId client, ReadOnlyMemory<byte> frame) => _received.Writer.TryWrite(frame);

        public void OnUndeliverable(ReadOnlyMemory<byte> frame, Exception reason) => _undeliverable.Writer.TryWrite((frame.ToArray(), reason));

        public Task<ReadOnlyMemory<byte>> NextAsync() => _received.Reader.ReadAsync().AsTask().WaitAsync(Patience);

        public Task<(byte[] Frame, Exception Reason)> UndeliverableAsync() => _undeliverable.Reader.ReadAsync().AsTask().WaitAsync(Patience);
    }
}
