using System.Text;
using Dora.Storage.Pages.Records;

namespace Dora.Tests.Storage.Pages.Records;

public sealed class Crc32CTests
{
    [Fact]
    public void Compute_PublishedVectors_Match()
    {
        // RFC 3720 appendix B.4, and the check value of the CRC catalogue.
        Assert.Equal(0xE3069283u, Crc32C.Compute(Encoding.ASCII.GetBytes("123456789")));
        Assert.Equal(0x8A9136AAu, Crc32C.Compute(new byte[32]));
        Assert.Equal(0x62A8AB43u, Crc32C.Compute([.. Enumerable.Repeat((byte)0xFF, 32)]));
        Assert.Equal(0x46DD794Eu, Crc32C.Compute([.. Enumerable.Range(0, 32).Select(static i => (byte)i)]));
        Assert.Equal(0u, Crc32C.Compute([]));
    }

    [Fact]
    public void Compute_AnyLength_EqualsBitByBit()
    {
        byte[] bytes = new byte[41];
        new Random(1).NextBytes(bytes);
        for (int length = 0; length <= bytes.Length; length++)
        {
            Assert.Equal(BitByBit(bytes.AsSpan(0, length)), Crc32C.Compute(bytes.AsSpan(0, length)));
        }
    }

    private static uint BitByBit(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte one in bytes)
        {
            crc ^= one;
            for (int bit = 0; bit < 8; bit++)
            {
                crc = (crc >> 1) ^ ((crc & 1) == 0 ? 0 : 0x82F63B78u);
            }
        }

        return ~crc;
    }

    [Fact]
    public void Compute_EveryLengthAndAlignment_IsTheSerialChecksum()
    {
        byte[] bytes = new byte[70_000];
        new Random(1).NextBytes(bytes);
        foreach (int length in Enumerable.Range(0, 2_100).Concat([4_095, 4_096, 65_535, 65_536, 69_000]))
        {
            ReadOnlySpan<byte> some = bytes.AsSpan(length % 67, length);

            Assert.Equal(~Crc32C.Serial(uint.MaxValue, some), Crc32C.Compute(some));
        }
    }
}
