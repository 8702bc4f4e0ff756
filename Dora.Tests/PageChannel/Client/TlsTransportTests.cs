using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Dora.Client;
using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;
using Dora.PageChannel.Server;
using Dora.PageChannel.Transport;
using Dora.Tests.Client;
using Dora.Tests.Doubles;
using Dora.Tests.PageChannel.Server;
using Dora.Tests.Waiting;

namespace Dora.Tests.PageChannel.Client;

/// <summary>What connections go through, under TLS: long replies, cancels, ends of every kind.</summary>
public sealed class TlsTransportTests : IDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(1);

    private readonly TempDirectory _directory = new();
    private readonly X509Certificate2 _certificate;
    private readonly X509Certificate2 _key;
    private readonly string _file;

    public TlsTransportTests()
    {
        _file = _directory["worker.pem"];
        _certificate = TestCertificate.Create(_file);
        _key = X509CertificateLoader.LoadPkcs12(X509Certificate2.CreateFromPemFile(_file).Export(X509ContentType.Pkcs12), null);
    }

    public void Dispose()
    {
        _key.Dispose();
        _certificate.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task Replies_OfMegabytes_ManyAtATime_ArriveWhole()
    {
        await using var worker = new TestWorker(configure: Secure);
        PageChannelConnection connection = await ConnectAsync(worker.Info);
        byte[][] buffers = [.. Enumerable.Range(0, 8).Select(static i => new byte[i % 2 == 0 ? 3_000_001 : 5000])];

        await Task.WhenAll(buffers.Select((b, i) => connection.SendAsync(Read(i * 4_000_000L, b), 1, Long, default).AsTask())).WaitAsync(RawClient.Patience);

        Assert.All(buffers.Index(), static b => Assert.True(FakeRequestHandler.IsRight(b.Item, b.Index * 4_000_000L)));
        await connection.CloseAsync();
    }

    [Fact]
    public async Task Cancel_InTheMiddleOfAReply_LeavesTheConnectionInOrder()
    {
        var going = new TaskCompletionSource();
        var goOn = new TaskCompletionSource();
        await using var server = new RawServer(async (socket, token) =>
        {
            using IChannelTransport secured = await AcceptAsync(socket, token);
            await HelloAsync(secured, token);
            ulong first = (await FrameAsync(secured, token)).RequestId;
            await SendAsync(secured, RawServer.DataHeader(first, 100_000), token);
            await SendAsync(secured, new byte[50_000], token);
            going.SetResult();
            await goOn.Task;
            await SendAsync(secured, new byte[50_000], token);
            ulong second = (await FrameAsync(secured, token)).RequestId;
            await SendAsync(secured, RawServer.DataHeader(second, 10), token);
            await SendAsync(secured, "0123456789"u8.ToArray(), token);
            await FrameAsync(secured, token);
        });
        PageChannelConnection connection = await ConnectAsync(server.Info);
        using var cancel = new CancellationTokenSource();
        Task<ChannelReply> cut = connection.SendAsync(Read(0, new byte[100_000]), 1, Long, cancel.Token).AsTask();
        await going.Task.Within("half of the reply");

        await cancel.CancelAsync();
        byte[] buffer = new byte[10];
        Task<ChannelReply> next = connection.SendAsync(Read(7, buffer), 1, Long, default).AsTask();
        goOn.SetResult();

        // Its memory was being filled when it was cancelled: it ends with its bytes, or as cancelled when they had not begun to be taken.
        await cut.Within("the cancelled read").ContinueWith(static _ => { }, TaskScheduler.Default);
        Assert.True(cut.IsCanceled || (await cut).IsOk);
        Assert.True((await next.Within("the next read")).IsOk);
        Assert.Equal("0123456789"u8.ToArray(), buffer);
        await connection.CloseAsync();
    }

    [Fact]
    public async Task Hedge_TheNextOwnersAnswerEndsTheRead()
    {
        const int Length = 100_000;
        await using var cluster = new FakeCluster(3, Secure);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", Length);
        FakeWorker[] owners = cluster.OwnersOf("f");
        await using DoraClient dora = await cluster.ConnectAsync(new DoraClientOptions
        {
            Tls = new DoraTlsOptions { TrustFile = _file },
            Hedging = new() { MinDelay = TimeSpan.FromMilliseconds(1) },
            Timeouts = new() { MinRequest = Long, Request = Long, Operation = 2 * Long },
        });
        await using DoraFile file = await dora.OpenReadAsync("/data/f");
        for (int i = 0; i < 40; i++)
        {
            await file.ReadAsync(0, new byte[1000]);
            await file.ReadAsync(0, new byte[Length]);
        }

        owners[0].Reader.BeforeRead = static token => Task.Delay(Timeout.Infinite, token);
        byte[] buffer = new byte[Length];
        await file.ReadAsync(0, buffer).AsTask().Within("the read to be served by the next owner");

        Assert.Equal(content, buffer);
        Assert.Single(owners[1].Reader.Modes);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Client_ClosesItsHalf_TheWorkerEndsTheConnection(bool withNotice)
    {
        await using var worker = new TestWorker(configure: Secure);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(worker.Listener.EndPoint);
        await using var secured = new SslStream(new NetworkStream(socket), false, static (_, _, _, _) => true);
        await secured.AuthenticateAsClientAsync("127.0.0.1");
        await secured.WriteAsync(RawClient.Hello());
        Assert.True(await secured.ReadAsync(new byte[1000]) > 0);
        Assert.Equal(1, worker.Listener.ConnectionCount);

        if (withNotice)
        {
            await secured.ShutdownAsync();
        }

        socket.Shutdown(SocketShutdown.Send);

        await Eventually.Async(() => worker.Listener.ConnectionCount == 0, "the worker to end the connection");
        await using var another = new TestWorker(configure: Secure);
        await (await ConnectAsync(another.Info)).CloseAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(400)]
    [InlineData(100_000)]
    public async Task Worker_IsCut_EndsEveryRequestWithAValue(int sent)
    {
        await using var server = new RawServer(async (socket, token) =>
        {
            using IChannelTransport secured = await AcceptAsync(socket, token);
            await HelloAsync(secured, token);
            ulong first = (await FrameAsync(secured, token)).RequestId;
            await FrameAsync(secured, token);
            await SendAsync(secured, RawServer.DataHeader(first, 200_000), token);
            await SendAsync(secured, new byte[sent], token);
        });
        PageChannelConnection connection = await ConnectAsync(server.Info);

        Task<ChannelReply> half = connection.SendAsync(Read(0, new byte[200_000]), 1, Long, default).AsTask();
        Task<ChannelReply> other = connection.SendAsync(Read(1, new byte[1000]), 1, Long, default).AsTask();

        Assert.Equal(ChannelOutcome.ConnectionLost, (await half.Within("the read that had begun")).Outcome);
        Assert.Equal(ChannelOutcome.ConnectionLost, (await other.Within("the read that had not")).Outcome);
        Assert.Equal(ChannelOutcome.ConnectionLost, (await connection.SendAsync(Read(2, new byte[10]), 1, Long, default)).Outcome);
    }

    [Fact]
    public async Task Worker_Stops_SaysGoodbyeBehindItsReplies()
    {
        await using var worker = new TestWorker(configure: Secure);
        var started = new TaskCompletionSource();
        var gate = new TaskCompletionSource();
        worker.Handler.BeforeRead = (_, _) =>
        {
            started.TrySetResult();
            return gate.Task;
        };
        PageChannelConnection connection = await ConnectAsync(worker.Info);
        byte[] buffer = new byte[1_000_000];
        Task<ChannelReply> read = connection.SendAsync(Read(5, buffer), 1, Long, default).AsTask();
        await started.Task.Within("the read to begin");

        Task stopping = worker.Listener.StopAsync();
        gate.SetResult();

        Assert.True((await read.Within("the reply")).IsOk);
        Assert.True(FakeRequestHandler.IsRight(buffer, 5));
        await stopping.Within("the worker to stop");
        ChannelReply late = await connection.SendAsync(Read(5, buffer), 1, Long, default).AsTask().Within("the end");
        Assert.Equal(ChannelOutcome.ConnectionLost, late.Outcome);
    }

    private static ChannelRequest Read(long offset, Memory<byte> destination) =>
        new(PageChannelOpcode.Read, "/f"u8.ToArray(), 0, new FileId(1, 2), new FileVersion(3), offset, destination);

    private static async Task<PageChannelConnection> ConnectAsync(WorkerInfo worker)
    {
        var options = new ChannelOptions { UseTls = true, WorkerCertificateCheck = static (_, _, _, _) => true, ConnectTimeout = RawClient.Patience, HungAfter = RawClient.Patience };
        ConnectResult result = await new PageChannelConnector(options, TimeProvider.System).ConnectAsync(worker, default);
        return result.Connection ?? throw new InvalidOperationException(result.Error);
    }

    private PageChannelServerOptions Secure(PageChannelServerOptions options) => options with
    {
        Tls = new SslServerAuthenticationOptions { ServerCertificate = _key },
        HelloTimeout = RawClient.Patience,
    };

    private async Task<IChannelTransport> AcceptAsync(Socket socket, CancellationToken token)
    {
        var secured = new SslStream(new NetworkStream(socket));
        await secured.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = _key }, token);
        return new TlsTransport(socket, secured);
    }

    private static async Task HelloAsync(IChannelTransport secured, CancellationToken token)
    {
        await FrameAsync(secured, token);
        byte[] buffer = new byte[PageChannelProtocol.MaxControlFrame];
        var reply = new HelloReply { Version = 1, MaxReadLength = PageChannelProtocol.MaxReadLength, MaxInFlight = 256, WorkerId = "raw"u8 };
        await SendAsync(secured, buffer[..FrameWriter.WriteHelloReply(buffer, 1, reply)], token);
    }

    /// <summary>The next hello or read: a cancel may come before it, or not, by what the client had received when it was cancelled.</summary>
    private static async Task<FrameHeader> FrameAsync(IChannelTransport secured, CancellationToken token)
    {
        FrameHeader parsed;
        do
        {
            byte[] header = await ExactlyAsync(secured, FrameHeader.Size, token);
            Assert.True(FrameReader.ReadHeaderAtWorker(header, out parsed).IsOk);
            await ExactlyAsync(secured, parsed.BodyLength, token);
        }
        while (parsed.Opcode is not (PageChannelOpcode.Hello or PageChannelOpcode.Read));

        return parsed;
    }

    private static async Task<byte[]> ExactlyAsync(IChannelTransport secured, int count, CancellationToken token)
    {
        byte[] bytes = new byte[count];
        for (int received = 0; received < count;)
        {
            int got = await secured.ReceiveAsync(bytes.AsMemory(received), token);
            received += got > 0 ? got : throw new SocketException((int)SocketError.ConnectionReset);
        }

        return bytes;
    }

    private static async Task SendAsync(IChannelTransport secured, ReadOnlyMemory<byte> bytes, CancellationToken token)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await secured.SendAsync(bytes, token)..];
        }
    }
}
