namespace Dora.Tests.Core.Mounts;

public sealed class CacheRulesTests
{
    [Theory]
    [InlineData(null, null, 0, 0)]
    [InlineData("", "none", 0, 0)]
    [InlineData("none", "1s", 0, 1)]
    [InlineData("10GiB", "7d", 10L << 30, 7 * 86_400)]
    [InlineData(" 1m ", " 12h ", 1 << 20, 12 * 3600)]
    public void Parse_RightTexts_GiveRules(string? quota, string? ttl, long bytes, int seconds) =>
        Assert.Equal(new CacheRules(bytes, TimeSpan.FromSeconds(seconds)), CacheRules.Parse(quota, ttl));

    [Theory]
    [InlineData("lots", null, "'lots' is no quota")]
    [InlineData("1000", null, "at least 1MiB")]
    [InlineData("-1", null, "no quota")]
    [InlineData("0", null, "or none")]
    [InlineData(null, "soon", "'soon' is no page TTL")]
    [InlineData(null, "10ms", "at least 1s")]
    [InlineData(null, "40000d", "no page TTL")]
    [InlineData(null, "0s", "or none")]
    public void Parse_WrongTexts_SayWhatIsRight(string? quota, string? ttl, string words)
    {
        Assert.False(CacheRules.TryParse(quota, ttl, out CacheRules rules, out string? error));
        Assert.Equal(default, rules);
        Assert.Contains(words, error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
    }

    [Theory]
    [InlineData(1, 0)]
    [InlineData(-5, 0)]
    [InlineData(0, 0.5)]
    [InlineData(0, -1)]
    public void Validated_BoundsNobodyCanKeep_AreRefused(long quota, double seconds) =>
        Assert.Equal(
            DoraErrorCode.InvalidArgument,
            Assert.Throws<DoraException>(() => new CacheRules(quota, TimeSpan.FromSeconds(seconds)).Validated()).Code);

    [Theory]
    [InlineData("1ms")]
    [InlineData("1500ms")]
    [InlineData("90s")]
    [InlineData("2h")]
    [InlineData("36500d")]
    public void Duration_Text_ComesBack(string text)
    {
        Assert.True(Duration.TryParse(text, out TimeSpan duration));
        Assert.Equal(text, Duration.Format(duration));
    }

    [Theory]
    [InlineData(null, 20)]
    [InlineData("", 20)]
    [InlineData("1%", 1)]
    [InlineData("80", 80)]
    public void Share_RightTexts_GivePercent(string? text, int percent)
    {
        Assert.True(Pin.TryParseShare(text, out int parsed, out _));
        Assert.Equal(percent, parsed);
    }

    [Theory]
    [InlineData("0%")]
    [InlineData("81%")]
    [InlineData("half")]
    [InlineData("%")]
    public void Share_WrongTexts_SayWhatIsRight(string text)
    {
        Assert.False(Pin.TryParseShare(text, out _, out string? error));
        Assert.Contains("give 1% to 80%", error, StringComparison.Ordinal);
    }
}
