using System.Runtime.InteropServices;
using Dora.Cli;
using Dora.Client;
using Dora.Tests.Cli;

namespace Dora.Tests.Processes;

/// <summary>What every kind of directory entry becomes on the command line: it is given, or somebody says why not.</summary>
[Trait("Category", "Process")]
public sealed class DirectoryEntriesTests : IAsyncLifetime
{
    private readonly SmallCluster _cluster = new(workers: 2, pageCapacity: 64L << 20);

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(_cluster.Source);
        await _cluster.StartAsync();
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Ls_WhatIsLeftOut_IsSaidToPeopleAndPrograms()
    {
        await MountAsync("/files", _cluster.Source);
        await File.WriteAllTextAsync(Path.Combine(_cluster.Source, "good"), "content");
        File.CreateSymbolicLink(Path.Combine(_cluster.Source, "dangling"), "nothing");
        File.CreateSymbolicLink(Path.Combine(_cluster.Source, "outside"), "/etc");
        Assert.Equal(0, mkfifo(Path.Combine(_cluster.Source, "pipe"), 0b110_100_100));

        CommandLine people = await OkAsync("ls", "/files"), programs = await OkAsync("ls", "/files", "--json");

        Assert.Equal(
            "dora: '/files': 3 entries are left out: 1 symbolic link that leads to nothing ('dangling'); 1 symbolic link that leads out of the mount ('outside'); 1 FIFO ('pipe')\n",
            people.Error);
        Assert.Equal(("/files/good", "/files"), (Assert.Single(programs.Json.GetProperty("entries").EnumerateArray()).GetProperty("path").GetString(), programs.Json.GetProperty("path").GetString()));
        Assert.Equal(
            ["brokenLink 1 dangling", "outsideLink 1 outside", "fifo 1 pipe"],
            programs.Json.GetProperty("skipped").EnumerateArray().Select(static s => $"{s.GetProperty("reason").GetString()} {s.GetProperty("count").GetInt64()} {s.GetProperty("names")[0].GetString()}"));
        Assert.Empty(programs.Error);
        (await RunAsync("stat", "/files/pipe")).AssertFailed(ExitCode.Failed, "pipe' is a FIFO");
    }

    [Theory]
    [InlineData("cat")]
    [InlineData("stat")]
    [InlineData("load")]
    public async Task PseudoFile_ByItsName_IsRefusedAtOnce(string command)
    {
        await MountAsync("/kernel", "/proc/sys/kernel");

        (await RunAsync(command, "/kernel/hostname").WaitAsync(TimeSpan.FromSeconds(30))).AssertFailed(ExitCode.Failed, "'/proc/sys/kernel/hostname' is a pseudo file of the kernel (procfs)", "copy it to a file");
    }

    [Fact]
    public async Task PseudoFiles_OfADirectory_AreLeftOutAndLoadingItWaitsForNothing()
    {
        await MountAsync("/kernel", "/proc/sys/kernel");

        CommandLine ls = await OkAsync("ls", "/kernel");
        Assert.Contains("pseudo files of the kernel", ls.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hostname", ls.Output, StringComparison.Ordinal);
        CommandLine load = await RunAsync("load", "/kernel", "--json").WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Equal((ExitCode.Ok, 0), (load.Code, load.Json.GetProperty("filesFound").GetInt32()));
    }

    private async Task MountAsync(string path, string source)
    {
        await using DoraClient client = await _cluster.ConnectAsync();
        await client.Mounts.AddAsync(path, source);
    }

    private Task<CommandLine> RunAsync(params string[] arguments) => CommandLine.RunAsync([.. arguments, "--data", _cluster.ClusterPath]);

    private async Task<CommandLine> OkAsync(params string[] arguments)
    {
        CommandLine run = await RunAsync(arguments);
        Assert.True(run.Code == ExitCode.Ok, $"{string.Join(' ', arguments)}: {run.Code}: {run.Error}");
        return run;
    }

#pragma warning disable IDE1006, SYSLIB1054, CA2101, CA5392 // the C library's names; tests need no marshalling generator
    [DllImport("libc", SetLastError = true)]
    private static extern int mkfifo([MarshalAs(UnmanagedType.LPUTF8Str)] string path, int mode);
#pragma warning restore IDE1006, SYSLIB1054, CA2101, CA5392
}
