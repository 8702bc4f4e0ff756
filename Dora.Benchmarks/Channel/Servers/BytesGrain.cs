using Microsoft.Win32.SafeHandles;

namespace Dora.Benchmarks.Channel.Servers;

/// <summary>Bytes in the answer of a grain call: what the page channel exists to avoid.</summary>
[Alias("Dora.Benchmarks.IBytesGrain")]
public interface IBytesGrain : IGrainWithIntegerKey
{
    /// <summary>Bytes of the large file.</summary>
    [Alias("Read")]
    Task<byte[]> ReadAsync(long offset, int length);
}

/// <summary>Reads the file with every call, as all contenders do.</summary>
[GrainType("dora.benchmarks.bytes")]
internal sealed class BytesGrain : Grain, IBytesGrain
{
    internal static SafeFileHandle? File { get; set; }

    public Task<byte[]> ReadAsync(long offset, int length)
    {
        byte[] bytes = new byte[length];
        RandomAccess.Read(File!, bytes, offset);
        return Task.FromResult(bytes);
    }
}
