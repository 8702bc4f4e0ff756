using Dora.Storage.Files;

namespace Dora.Tests.Storage.Files;

public sealed class ForgottenFilesTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 29, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void File_LoadedBeforeItWasForgotten_IsCovered_AndOthersAreNot()
    {
        var forgotten = new ForgottenFiles();
        forgotten.Add(File("s://b/a").Id, Noon);

        Assert.True(forgotten.Covers(File("s://b/a"), TimeSpan.Zero));
        Assert.False(forgotten.Covers(File("s://b/a", 1), TimeSpan.Zero));
        Assert.True(forgotten.Covers(File("s://b/a", 1), TimeSpan.FromSeconds(1)));
        Assert.False(forgotten.Covers(File("s://b/b"), TimeSpan.Zero));
    }

    [Fact]
    public void Path_ForgottenWhole_CoversWhatLiesBelow_KnownHereOrNot()
    {
        var forgotten = new ForgottenFiles();
        forgotten.AddUnder("s://b/d", Noon);

        Assert.True(forgotten.Covers(File("s://b/d/x/y"), TimeSpan.Zero));
        Assert.False(forgotten.Covers(File("s://b/d/x/y", 1), TimeSpan.Zero));
        Assert.False(forgotten.Covers(File("s://b/dx"), TimeSpan.Zero));
    }

    [Fact]
    public void Full_StartsAnew_AndAllFromBeforeCounts()
    {
        var forgotten = new ForgottenFiles(capacity: 2);
        forgotten.Add(File("s://b/a").Id, Noon);
        forgotten.Add(File("s://b/b").Id, Noon.AddSeconds(5));
        Assert.False(forgotten.Covers(File("s://b/z"), TimeSpan.Zero));
        forgotten.Add(File("s://b/c").Id, Noon.AddSeconds(9));

        Assert.True(forgotten.Covers(File("s://b/z", 5), TimeSpan.Zero));
        Assert.False(forgotten.Covers(File("s://b/z", 6), TimeSpan.Zero));
        Assert.True(forgotten.Covers(File("s://b/c", 9), TimeSpan.Zero));
    }

    [Fact]
    public void Clock_SetBackBetween_KeepsTheLaterTime()
    {
        var forgotten = new ForgottenFiles();
        forgotten.Add(File("s://b/a").Id, Noon);
        forgotten.Add(File("s://b/a").Id, Noon.AddHours(-1));

        Assert.True(forgotten.Covers(File("s://b/a"), TimeSpan.Zero));
        Assert.True(forgotten.Covers(File("s://b/a") with { LoadedAt = DateTimeOffset.MinValue }, TimeSpan.FromMinutes(1)));
    }

    private static FileMetadata File(string path, int seconds = 0) =>
        new(path, FileKind.File, 1, DateTimeOffset.UnixEpoch, new FileVersion(1), Noon.AddSeconds(seconds));
}
