using Dora.Tests.Doubles;
using Dora.Tests.Processes;
using Dora.Tests.Storage.Pages.Proofs;
using Xunit.Abstractions;

namespace Dora.Tests.Storage.Metadata;

/// <summary>A metadata directory on a disk that is really full. Where the tests' user may not mount a small one, nothing becomes full, and the same must hold.</summary>
[Trait("Category", "Process")]
[Trait("Category", "Slow")]
public sealed class MetadataFullDiskTests(ITestOutputHelper output) : IDisposable
{
    private readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Put_DiskIsFull_EveryAnswerStaysRightAndTheDiskHasAllOfItLater()
    {
        Directory.CreateDirectory(_directory["disk"]);
        using SmallDisk? disk = SmallDisk.TryMount(_directory["disk"], megabytes: 32);
        string ballast = disk is null ? _directory["nowhere/ballast"] : _directory["disk/ballast"];
        if (disk is null)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(ballast)!);
        }

        await using ChildProcess child = ChildProcess.Start(static _ => false, MetadataOnFullDisk.Name, _directory["disk/metadata"], ballast);
        int exit = await child.ExitAsync();
        output.WriteLine(string.Join("; ", child.Lines));
        Assert.True(exit == 0, await child.ErrorsAsync());

        string[] said = [.. child.Lines];
        Assert.Contains("right while full=20000", said);
        Assert.Contains("right with room=20000", said);
        Assert.Contains("on disk=20000", said);
        if (disk is not null)
        {
            Assert.DoesNotContain("refused=0", said);
            Assert.Equal(["log=2202", "log=2203"], said.Where(static l => l.StartsWith("log=", StringComparison.Ordinal)));
        }
    }
}
