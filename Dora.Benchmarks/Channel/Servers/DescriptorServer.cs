using System.Net.Sockets;
using Microsoft.Win32.SafeHandles;

namespace Dora.Benchmarks.Channel.Servers;

/// <summary>Hands the open file to whoever connects to its Unix socket, and has nothing more to do.</summary>
internal sealed class DescriptorServer : IBenchServer
{
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly SafeFileHandle _file;

    private DescriptorServer(SafeFileHandle file) => _file = file;

    public int Port => 0;

    internal static string Address(TestFiles files) => Path.GetFullPath(Path.Combine(files.Directory, "..", "descriptor.socket"));

    internal static DescriptorServer Start(TestFiles files)
    {
        var server = new DescriptorServer(File.OpenHandle(files.Large));
        server._listener.Bind(new UnixDomainSocketEndPoint(Address(files)));
        server._listener.Listen(16);
        new Thread(server.Accept) { IsBackground = true }.Start();
        return server;
    }

    public ValueTask DisposeAsync()
    {
        _listener.Dispose();
        _file.Dispose();
        return ValueTask.CompletedTask;
    }

    private void Accept()
    {
        try
        {
            while (true)
            {
                using Socket client = _listener.Accept();
                LinuxSockets.SendDescriptor(client, _file);
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The end of the run.
        }
    }
}
