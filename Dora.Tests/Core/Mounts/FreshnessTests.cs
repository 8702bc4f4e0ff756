using Dora.Tests.Doubles;

namespace Dora.Tests.Core.Mounts;

public sealed class FreshnessTests
{
    private static readonly DateTimeOffset Now = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("immutable", "immutable")]
    [InlineData("validate-on-open", "validate-on-open")]
    [InlineData("max-age 250ms", "max-age 250ms")]
    [InlineData("max-age 90s", "max-age 90s")]
    [InlineData("max-age=10m", "max-age 10m")]
    [InlineData("max-age 3600s", "max-age 1h")]
    [InlineData("max-age  48h", "max-age 2d")]
    [InlineData("max-age 36500d", "max-age 36500d")]
    [InlineData("max-age 10m stale-if-error 60m", "max-age 10m stale-if-error 1h")]
    [InlineData("validate-on-open stale-if-error=30s", "validate-on-open stale-if-error 30s")]
    public void TryParse_OfARule_ReadsItAndItsText(string text, string shown)
    {
        Assert.True(Freshness.TryParse(text, out Freshness freshness, out _));
        Assert.Equal(shown, freshness.ToString());
        Assert.True(Freshness.TryParse(freshness.ToString(), out Freshness again, out _));
        Assert.Equal(freshness, again);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("Immutable")]
    [InlineData("max-age")]
    [InlineData("max-age 0s")]
    [InlineData("max-age -1s")]
    [InlineData("max-age 10")]
    [InlineData("max-age m")]
    [InlineData("max-age 10w")]
    [InlineData("max-age 10m 5s")]
    [InlineData("stale-if-error 5s")]
    [InlineData("max-age 10m stale-if-error")]
    [InlineData("immutable stale-if-error 1h")]
    [InlineData("max-age 36501d")]
    [InlineData("max-age 1000000000h")]
    [InlineData("max-age 99999999999999999999s")]
    public void TryParse_OfNoRule_SaysWhy(string? text)
    {
        Assert.False(Freshness.TryParse(text, out _, out string? error));
        Assert.Contains("give", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("max-age 60s", 61, false)]
    [InlineData("max-age 60s stale-if-error 10s", 70, true)]
    [InlineData("max-age 60s stale-if-error 10s", 71, false)]
    [InlineData("validate-on-open stale-if-error 10s", 10, true)]
    [InlineData("validate-on-open stale-if-error 10s", 11, false)]
    [InlineData("validate-on-open stale-if-error 10s", -1, false)]
    [InlineData("validate-on-open", 0, false)]
    [InlineData("immutable", 1_000_000, true)]
    public void IsUsableOnError_AtAnAge_FollowsTheRule(string rule, long ageSeconds, bool isUsable)
    {
        Assert.True(Freshness.TryParse(rule, out Freshness freshness, out _));
        Assert.Equal(isUsable, freshness.IsUsableOnError(Now.AddSeconds(-ageSeconds), Now));
    }

    [Theory]
    [InlineData("immutable", -3600, true)]
    [InlineData("immutable", 1_000_000_000, true)]
    [InlineData("validate-on-open", 0, false)]
    [InlineData("max-age 60s", 0, true)]
    [InlineData("max-age 60s", 60, true)]
    [InlineData("max-age 60s", 61, false)]
    [InlineData("max-age 60s", -1, false)]
    public void IsFresh_AtAnAge_FollowsTheRule(string rule, long ageSeconds, bool isFresh)
    {
        Assert.True(Freshness.TryParse(rule, out Freshness freshness, out _));
        Assert.Equal(isFresh, freshness.IsFresh(Now.AddSeconds(-ageSeconds), Now));
    }

    [Fact]
    public void Modes_Always_HaveTheirFrozenNumbers() =>
        FrozenEnum.Check<FreshnessMode>("mounts in the cluster store", ("MaxAge", 0), ("Immutable", 1), ("ValidateOnOpen", 2));
}
