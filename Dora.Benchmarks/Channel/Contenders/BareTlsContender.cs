using System.Buffers.Binary;
using System.Net.Security;
using Dora.Benchmarks.Channel.Servers;

namespace Dora.Benchmarks.Channel.Contenders;

/// <summary>The limit under TLS: an <see cref="SslStream"/> per caller, a request and its answer, no protocol.</summary>
internal sealed class BareTlsContender(ServerProcess server) : IContender
{
    public string Name => "bare SslStream";

    public async Task<ICaller> OpenAsync()
    {
        var secured = new SslStream(
            new System.Net.Sockets.NetworkStream(await BareContender.ConnectAsync(server.Port), ownsSocket: true), false, static (_, _, _, _) => true);
        await secured.AuthenticateAsClientAsync("127.0.0.1");
        return new Caller(secured);
    }

    public Task<ServerSample> SampleAsync() => server.SampleAsync();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private sealed class Caller(SslStream secured) : ICaller
    {
        private readonly byte[] _request = new byte[BareServer.RequestBytes];

        [System.Runtime.CompilerServices.AsyncMethodBuilder(typeof(System.Runtime.CompilerServices.PoolingAsyncValueTaskMethodBuilder))]
        public async ValueTask ReadAsync(long offset, Memory<byte> buffer)
        {
            BinaryPrimitives.WriteInt64LittleEndian(_request, offset);
            BinaryPrimitives.WriteInt32LittleEndian(_request.AsSpan(8), buffer.Length);
            await secured.WriteAsync(_request);
            await secured.ReadExactlyAsync(buffer);
        }

        public ValueTask ReadFileAsync(string name, Memory<byte> buffer) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => secured.DisposeAsync();
    }
}
