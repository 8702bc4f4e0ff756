using Dora.Storage.Metadata;

namespace Dora.Tests.Storage.Metadata;

public sealed class InvalidatedPathsTests
{
    private static readonly DateTimeOffset Start = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Theory]
    [InlineData("s3://b/d", "s3://b/d", true)]
    [InlineData("s3://b/d", "s3://b/d/x", true)]
    [InlineData("s3://b/d/", "s3://b/d/x/y", true)]
    [InlineData("s3://b/d", "s3://b/dx", false)]
    [InlineData("s3://b/d", "s3://b", false)]
    [InlineData("s3://b/d/x", "s3://b/d", false)]
    [InlineData("file:///", "file:///x", true)]
    public void HasEnded_Path_EndsWhatIsAtAndBelow(string invalidated, string path, bool expected)
    {
        var invalidations = new InvalidatedPaths();
        invalidations.Add(invalidated, Start);
        Assert.Equal(expected, invalidations.HasEnded(path, Start));
        Assert.False(invalidations.HasEnded(path, Start.AddTicks(1)));
        Assert.False(invalidations.HasEnded(null, Start));
    }

    [Fact]
    public void Add_MoreThanFit_TheOldestCountsForEveryPath()
    {
        var invalidations = new InvalidatedPaths();
        for (int i = 0; i <= InvalidatedPaths.Capacity; i++)
        {
            invalidations.Add($"s3://b/{i}", Start.AddSeconds(i));
        }

        Assert.True(invalidations.HasEnded("s3://elsewhere", Start));
        Assert.True(invalidations.HasEnded(null, Start));
        Assert.False(invalidations.HasEnded("s3://elsewhere", Start.AddTicks(1)));
        Assert.True(invalidations.HasEnded("s3://b/1/x", Start.AddSeconds(1)));
    }

    [Fact]
    public void Add_SamePathsAgain_TakesNoMoreRoom()
    {
        var invalidations = new InvalidatedPaths();
        invalidations.Add("s3://first", Start);
        for (int i = 0; i < 1000; i++)
        {
            invalidations.Add($"s3://b/{i % 50}", Start.AddSeconds(i));
        }

        invalidations.Add("s3://b", Start.AddSeconds(2000)); // covers the fifty
        Assert.True(invalidations.HasEnded("s3://first", Start));
        Assert.False(invalidations.HasEnded("s3://elsewhere", Start));
        Assert.True(invalidations.HasEnded("s3://b/7", Start.AddSeconds(2000)));
    }

    [Fact]
    public void Add_ClockSetBack_TheEarlierInvalidationStillEndsWhatWasLoadedBefore()
    {
        var invalidations = new InvalidatedPaths();
        invalidations.Add("s3://b", Start);
        invalidations.Add("s3://b", Start.AddHours(-5));
        Assert.True(invalidations.HasEnded("s3://b/x", Start));
        Assert.False(invalidations.HasEnded("s3://b/x", Start.AddTicks(1)));
    }
}
