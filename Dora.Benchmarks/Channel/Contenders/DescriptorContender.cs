using System.Net.Sockets;
using Dora.Benchmarks.Channel.Servers;
using Microsoft.Win32.SafeHandles;

namespace Dora.Benchmarks.Channel.Contenders;

/// <summary>The limit on the same host: each caller is handed the open file once and reads it itself. No index, no version, no check, no eviction.</summary>
internal sealed class DescriptorContender(ServerProcess server, TestFiles files) : IContender
{
    public string Name => "passed descriptor";

    public Task<ICaller> OpenAsync()
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        socket.Connect(new UnixDomainSocketEndPoint(DescriptorServer.Address(files)));
        return Task.FromResult<ICaller>(new Caller(LinuxSockets.ReceiveDescriptor(socket)));
    }

    public Task<ServerSample> SampleAsync() => server.SampleAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private sealed class Caller(SafeFileHandle file) : ICaller
    {
        public ValueTask ReadAsync(long offset, Memory<byte> buffer)
        {
            int count = RandomAccess.Read(file, buffer.Span, offset);
            return count == buffer.Length ? default : throw new IOException($"{count} bytes of {buffer.Length} at {offset}");
        }

        public ValueTask ReadFileAsync(string name, Memory<byte> buffer) => throw new NotSupportedException();

        public ValueTask DisposeAsync()
        {
            file.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
