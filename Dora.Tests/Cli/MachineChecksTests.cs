using Dora.Cli.Doctor;
using Dora.Tests.Doubles;

namespace Dora.Tests.Cli;

public sealed class MachineChecksTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Doctor_LooksWhetherADirectoryCanBeWritten_AndTouchesNoOtherFile()
    {
        _temp.Write("outside", "the user's own"u8);
        Directory.CreateDirectory(_temp["data"]);
        string planted = _temp[$"data/.dora-doctor-{Environment.ProcessId}"];
        File.CreateSymbolicLink(planted, _temp["outside"]);

        Finding[] findings = [.. MachineChecks.Run(_temp["data"])];

        Assert.Contains(findings, static f => f is { Check: "data directory", State: FindingState.Good });
        Assert.Equal("the user's own", File.ReadAllText(_temp["outside"]));
        Assert.Equal([planted], Directory.GetFileSystemEntries(_temp["data"]));
    }
}
