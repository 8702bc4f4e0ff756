using Dora.Tests.Storage.Metadata;
using Dora.Tests.Processes.SameHost;
using Dora.Tests.Storage.Pages.Proofs;

namespace Dora.Tests;

/// <summary>The test assembly as a program: what tests run in a process of its own, to kill it.</summary>
internal static class TestProgram
{
    private const int UsageCode = 64;

    public static Task<int> Main(string[] args) => args switch
    {
        [PageWriter.Name, .. var rest] => PageWriter.RunAsync(rest),
        [ZipfReader.Name, .. var rest] => ZipfReader.RunAsync(rest),
        [MetadataFiller.Name, .. var rest] => MetadataFiller.RunAsync(rest),
        [MetadataOnFullDisk.Name, .. var rest] => MetadataOnFullDisk.RunAsync(rest),
        [SameHostReader.Name, .. var rest] => SameHostReader.RunAsync(rest),
        _ => Task.FromResult(UsageCode),
    };
}
