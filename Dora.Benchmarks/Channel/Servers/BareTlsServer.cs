using System.Buffers.Binary;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Win32.SafeHandles;

namespace Dora.Benchmarks.Channel.Servers;

/// <summary>The limit under TLS: as <see cref="BareServer"/>, over an <see cref="SslStream"/>.</summary>
internal sealed class BareTlsServer : IBenchServer
{
    private readonly Socket _listener;
    private readonly SafeFileHandle _file;
    private readonly X509Certificate2 _certificate;

    private BareTlsServer(Socket listener, SafeFileHandle file, X509Certificate2 certificate) => (_listener, _file, _certificate) = (listener, file, certificate);

    public int Port => ((IPEndPoint)_listener.LocalEndPoint!).Port;

    internal static BareTlsServer Start(TestFiles files)
    {
        var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(128);
        using X509Certificate2 pem = X509Certificate2.CreateFromPemFile(files.Certificate);
        var server = new BareTlsServer(listener, File.OpenHandle(files.Large), X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null));
        _ = server.AcceptAsync();
        return server;
    }

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        _file.Dispose();
        _certificate.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            _ = ServeAsync(await _listener.AcceptAsync());
        }
    }

    private async Task ServeAsync(Socket client)
    {
        client.NoDelay = true;
        await using var secured = new SslStream(new NetworkStream(client, ownsSocket: true));
        await secured.AuthenticateAsServerAsync(_certificate);
        byte[] request = new byte[BareServer.RequestBytes];
        byte[] reply = GC.AllocateUninitializedArray<byte>(4 * 1024 * 1024, pinned: true);
        while (await secured.ReadAtLeastAsync(request, request.Length, throwOnEndOfStream: false) == request.Length)
        {
            long offset = BinaryPrimitives.ReadInt64LittleEndian(request);
            int length = BinaryPrimitives.ReadInt32LittleEndian(request.AsSpan(8));
            int count = RandomAccess.Read(_file, reply.AsSpan(0, length), offset);
            await secured.WriteAsync(reply.AsMemory(0, count));
        }
    }
}
