namespace Dora.Tests.Core.Files;

public sealed class FileVersionTests
{
    // Pages are keyed by these: if a line changes, every cached page of released versions is stale.
    [Theory]
    [InlineData("\"5d41402abc4b2a76b9719d911017c592\"", "120d6f3bd265c7fc")]
    [InlineData("W/\"0815\"", "bee0f9bb75c1b9e6")]
    [InlineData("ü", "f7187c903e453849")]
    public void FileVersion_OfAnETag_IsTheFrozenOne(string etag, string version) => Assert.Equal(version, FileVersion.FromETag(etag).ToString());

    [Theory]
    [InlineData(0, "2026-08-01T12:30:45Z", "40dad7bae3f3207c")]
    [InlineData(1099511627776, "2026-08-01T12:30:45Z", "ccb255492e19849b")]
    public void FileVersion_OfLengthAndTime_IsTheFrozenOne(long length, string time, string version) =>
        Assert.Equal(version, FileVersion.FromLengthAndTime(length, DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture)).ToString());

    [Fact]
    public void FileVersion_OfTheSameInstantInAnotherZone_IsTheSame()
    {
        var utc = new DateTimeOffset(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);

        Assert.Equal(FileVersion.FromLengthAndTime(1, utc), FileVersion.FromLengthAndTime(1, utc.ToOffset(TimeSpan.FromHours(5))));
    }

    [Fact]
    public void FileVersion_Default_IsNone()
    {
        Assert.True(FileVersion.None.IsNone);
        Assert.Equal(default, FileVersion.None);
        Assert.False(FileVersion.FromETag("x").IsNone);
        Assert.Throws<ArgumentException>(() => FileVersion.FromETag(string.Empty));
    }
}
