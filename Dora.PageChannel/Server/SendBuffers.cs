using System.Numerics;
using Dora.PageChannel.Codec;

namespace Dora.PageChannel.Server;

/// <summary>
/// Pinned buffers for read replies, shared by all connections: the header's bytes and a power of two for the data, so that a read of 64 KiB takes
/// 64 KiB. The shared array pool keeps one buffer per thread and size and would hold a multiple of that. Last in, first out: the warmest is reused.
/// </summary>
/// <param name="maxRetained">Most bytes kept for reuse; what comes back above it is left to the collector.</param>
internal sealed class SendBuffers(long maxRetained)
{
    private const int SmallestBits = 12;

    private readonly Lock _lock = new();
    private readonly Stack<byte[]>[] _free =
        [.. Enumerable.Range(SmallestBits, BitOperations.Log2(PageChannelProtocol.MaxReadLength) - SmallestBits + 1).Select(static _ => new Stack<byte[]>())];

    private long _retained;

    /// <summary>A buffer for a header and so many bytes of data, at most <see cref="PageChannelProtocol.MaxReadLength"/>.</summary>
    public byte[] Rent(int dataLength)
    {
        int index = Index(dataLength);
        lock (_lock)
        {
            if (_free[index].TryPop(out byte[]? reused))
            {
                _retained -= reused.Length;
                return reused;
            }
        }

        return GC.AllocateUninitializedArray<byte>(FrameHeader.Size + (1 << (index + SmallestBits)), pinned: true);
    }

    /// <summary>Takes a buffer back.</summary>
    public void Return(byte[] buffer)
    {
        lock (_lock)
        {
            if (_retained + buffer.Length <= maxRetained)
            {
                _retained += buffer.Length;
                _free[Index(buffer.Length - FrameHeader.Size)].Push(buffer);
            }
        }
    }

    private static int Index(int dataLength) =>
        dataLength <= 1 << SmallestBits ? 0 : BitOperations.Log2((uint)dataLength - 1) + 1 - SmallestBits;
}
