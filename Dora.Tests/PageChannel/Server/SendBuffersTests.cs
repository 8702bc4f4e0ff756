using Dora.PageChannel.Codec;
using Dora.PageChannel.Server;

namespace Dora.Tests.PageChannel.Server;

/// <summary>Buffers of replies: the right size, reused, bounded.</summary>
public sealed class SendBuffersTests
{
    [Theory]
    [InlineData(0, 4096)]
    [InlineData(4096, 4096)]
    [InlineData(4097, 8192)]
    [InlineData(65_536, 65_536)]
    [InlineData(PageChannelProtocol.MaxReadLength, PageChannelProtocol.MaxReadLength)]
    public void Rent_GivesThePowerOfTwoAndTheHeader(int dataLength, int expected)
    {
        var buffers = new SendBuffers(1L << 30);

        byte[] buffer = buffers.Rent(dataLength);
        buffers.Return(buffer);

        Assert.Equal(FrameHeader.Size + expected, buffer.Length);
        Assert.Same(buffer, buffers.Rent(dataLength));
        Assert.NotSame(buffer, buffers.Rent(dataLength));
    }

    [Fact]
    public void Return_AboveTheBound_IsDropped()
    {
        var buffers = new SendBuffers(10_000);
        byte[] small = buffers.Rent(4096), large = buffers.Rent(8192);

        buffers.Return(small);
        buffers.Return(large);

        Assert.Same(small, buffers.Rent(4096));
        Assert.NotSame(large, buffers.Rent(8192));
    }
}
