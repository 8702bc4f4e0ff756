namespace Dora.Tests.Core.Text;

public sealed class ByteSizeTests
{
    [Theory]
    [InlineData(0, "0 bytes")]
    [InlineData(1, "1 byte")]
    [InlineData(1023, "1023 bytes")]
    [InlineData(65536, "64 KiB")]
    [InlineData(100_000, "97.7 KiB")]
    [InlineData(10L << 30, "10 GiB")]
    [InlineData(long.MaxValue, "8388608 TiB")]
    public void Text_HasAUnit(long bytes, string expected) => Assert.Equal(expected, ByteSize.Text(bytes));

    [Theory]
    [InlineData("0", 0)]
    [InlineData("4096", 4096)]
    [InlineData("64k", 64 * 1024)]
    [InlineData("64 KiB", 64 * 1024)]
    [InlineData("1M", 1024 * 1024)]
    [InlineData("10GiB", 10L << 30)]
    [InlineData("2tb", 2L << 40)]
    public void Size_IsRight_IsRead(string text, long expected)
    {
        Assert.True(ByteSize.TryParse(text, out long bytes));
        Assert.Equal(expected, bytes);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("lots")]
    [InlineData("-1")]
    [InlineData("1.5g")]
    [InlineData("k")]
    [InlineData("9999999999t")]
    public void Size_IsWrong_IsRefused(string? text) => Assert.False(ByteSize.TryParse(text, out _));
}
