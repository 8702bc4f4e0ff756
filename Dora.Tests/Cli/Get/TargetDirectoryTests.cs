using Dora.Cli.Get;
using Dora.Tests.Doubles;

namespace Dora.Tests.Cli.Get;

/// <summary>A directory that is copied into gives names in one step, and to nobody else's files.</summary>
public sealed class TargetDirectoryTests : IDisposable
{
    private static readonly DateTimeOffset Modified = new(2024, 5, 6, 7, 8, 9, TimeSpan.Zero);

    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Place_NameTakenMeanwhile_LeavesThatFileAlone()
    {
        using var directory = TargetDirectory.Open(_temp.Path);
        using (TargetFile file = directory.Create())
        {
            RandomAccess.Write(file.Handle, "copy"u8, 0);
            Assert.Null(directory.Find("f"));
            _temp.Write("f", "the user's own"u8);

            Assert.Equal(DoraErrorCode.AlreadyExists, Assert.Throws<DoraException>(() => file.Place("f", Modified, replaces: false)).Code);
        }

        Assert.Equal("the user's own", File.ReadAllText(_temp["f"]));
        Assert.Equal([_temp["f"]], Directory.GetFileSystemEntries(_temp.Path));
    }

    [Fact]
    public void Place_OverALink_ReplacesTheLink()
    {
        _temp.Write("other/f", "the user's own"u8);
        File.CreateSymbolicLink(_temp["f"], _temp["other/f"]);
        using var directory = TargetDirectory.Open(_temp.Path);
        using (TargetFile file = directory.Create())
        {
            RandomAccess.Write(file.Handle, "copy"u8, 0);
            file.Place("f", Modified, replaces: true);
        }

        Assert.Null(File.ResolveLinkTarget(_temp["f"], returnFinalTarget: false));
        Assert.Equal(("copy", "the user's own"), (File.ReadAllText(_temp["f"]), File.ReadAllText(_temp["other/f"])));
        Assert.Equal(Modified.UtcDateTime, File.GetLastWriteTimeUtc(_temp["f"]));
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("../x")]
    public void OpenBelow_NameThatLeadsElsewhere_IsRefused(string name)
    {
        using var directory = TargetDirectory.Open(_temp.Path);

        Assert.Equal(DoraErrorCode.InvalidPath, Assert.Throws<DoraException>(() => directory.OpenBelow([name])).Code);
    }

    [Fact]
    public void OpenBelow_DirectoryReplacedByALinkAfterItWasOpened_WritesWhereItWas()
    {
        Directory.CreateDirectory(_temp["outside"]);
        Directory.CreateDirectory(_temp["target"]);
        using var root = TargetDirectory.Open(_temp["target"]);
        using TargetDirectory below = root.OpenBelow(["a", "b"]);
        Directory.Move(_temp["target/a"], _temp["moved"]);
        Directory.CreateSymbolicLink(_temp["target/a"], _temp["outside"]);

        using (TargetFile file = below.Create())
        {
            file.Place("f", Modified, replaces: false);
        }

        Assert.True(File.Exists(_temp["moved/b/f"]));
        Assert.Empty(Directory.GetFileSystemEntries(_temp["outside"]));
        Assert.Equal(DoraErrorCode.AlreadyExists, Assert.Throws<DoraException>(() => root.OpenBelow(["a"])).Code);
    }

    [Fact]
    public async Task Create_ManyAtATimeWhileLeftoversAreRemoved_LosesNone()
    {
        using var directory = TargetDirectory.Open(_temp.Path);
        using var stop = new CancellationTokenSource();
        Task cleaning = Task.Run(() =>
        {
            while (!stop.IsCancellationRequested)
            {
                directory.RemoveLeftovers();
            }
        });

        Parallel.For(0, 500, i =>
        {
            using TargetFile file = directory.Create();
            file.Place($"f{i}", Modified, replaces: false);
        });

        await stop.CancelAsync();
        await cleaning;
        Assert.Equal(500, Directory.GetFileSystemEntries(_temp.Path).Length);
    }
}
