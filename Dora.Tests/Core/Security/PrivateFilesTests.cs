using System.Runtime.Versioning;
using Dora.Tests.Doubles;

namespace Dora.Tests.Core.Security;

[SupportedOSPlatform("linux")]
public sealed class PrivateFilesTests : IDisposable
{
    private const UnixFileMode OpenDirectory = (UnixFileMode)0b111_101_101;
    private const UnixFileMode OpenFile = (UnixFileMode)0b110_100_100;

    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void OpenDirectory_New_IsPrivateFromTheStart()
    {
        Assert.Null(PrivateFiles.OpenDirectory(_directory["new"], static _ => false, "--data"));

        Assert.Equal("700", Mode("new"));
    }

    [Fact]
    public void WriteAllText_New_IsPrivate_AndReplacesWhatIsThere()
    {
        PrivateFiles.WriteAllText(_directory["file"], "longer text");
        PrivateFiles.WriteAllText(_directory["file"], "text");

        Assert.Equal(("600", "text"), (Mode("file"), File.ReadAllText(_directory["file"])));
    }

    [Fact]
    public void WriteAllText_LinkInItsPlace_IsReplacedAndNotFollowed()
    {
        string outside = _directory.Write("outside", "the user's own"u8);
        Directory.CreateDirectory(_directory["data"]);
        File.CreateSymbolicLink(_directory["data/file"], outside);
        File.CreateSymbolicLink(_directory["data/other"], _directory["made-by-nobody"]);

        PrivateFiles.WriteAllText(_directory["data/file"], "text");
        PrivateFiles.WriteAllText(_directory["data/other"], "text");

        Assert.Equal(("the user's own", "text", "text"), (File.ReadAllText(outside), File.ReadAllText(_directory["data/file"]), File.ReadAllText(_directory["data/other"])));
        Assert.False(File.Exists(_directory["made-by-nobody"]));
        Assert.Equal(["file", "other"], Directory.GetFiles(_directory["data"]).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void OpenDirectory_OfDoraAndOpen_IsClosedWithEverythingInIt_ButNoLinkIsFollowed()
    {
        _directory.Write("data/pages/1.seg", "bytes"u8);
        string outside = _directory.Write("outside", "the user's own"u8);
        File.SetUnixFileMode(outside, OpenFile);
        File.SetUnixFileMode(_directory["data/pages/1.seg"], OpenFile);
        File.SetUnixFileMode(_directory["data/pages"], OpenDirectory);
        File.SetUnixFileMode(_directory["data"], OpenDirectory);
        File.CreateSymbolicLink(_directory["data/pages/link"], outside);

        string? said = PrivateFiles.OpenDirectory(_directory["data"], static name => name == "pages", "--data");

        Assert.Contains("could be read by other users (mode 0755)", said, StringComparison.Ordinal);
        Assert.Equal(["700", "700", "600"], new[] { "data", "data/pages", "data/pages/1.seg" }.Select(Mode));
        Assert.Equal(OpenFile, File.GetUnixFileMode(outside));
        Assert.Null(PrivateFiles.OpenDirectory(_directory["data"], static _ => true, "--data"));
    }

    [Fact]
    public void OpenDirectory_WithOtherFilesAndOpen_IsRefusedAndLeftAsItIs()
    {
        File.SetUnixFileMode(_directory.Write("home/thesis.tex", "text"u8), OpenFile);
        File.SetUnixFileMode(_directory["home"], OpenDirectory);

        DoraException e = Assert.Throws<DoraException>(() => PrivateFiles.OpenDirectory(_directory["home"], static _ => false, "--data"));

        Assert.Equal(DoraErrorCode.Configuration, e.Code);
        Assert.All((string[])["thesis.tex", "mode 0755", $"chmod 700 {_directory["home"]}", "--data"], part => Assert.Contains(part, e.Message, StringComparison.Ordinal));
        Assert.Equal(["755", "644"], new[] { "home", "home/thesis.tex" }.Select(Mode));
    }

    [Fact]
    public void OpenDirectory_WithOtherFilesAndClosed_IsTaken()
    {
        _directory.Write("home/thesis.tex", "text"u8);
        File.SetUnixFileMode(_directory["home"], (UnixFileMode)0b111_000_000);

        Assert.Null(PrivateFiles.OpenDirectory(_directory["home"], static _ => false, "--data"));
    }

    private string Mode(string relative) => Convert.ToString((int)File.GetUnixFileMode(_directory[relative]), 8);
}
