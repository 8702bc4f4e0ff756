using System.Runtime.Versioning;
using Dora.Cli;
using Dora.Tests.Cli;
using Dora.Tests.Doubles;

namespace Dora.Tests.Processes;

/// <summary>What a running cluster has on disk is for its user alone, whatever the umask was: pages, metadata, the cluster's database, logs, locks, sockets.</summary>
[Trait("Category", "Process")]
[Trait("Category", "Slow")]
[SupportedOSPlatform("linux")]
public sealed class PrivacyTests
{
    [Fact]
    public async Task Up_WithAnOpenUmask_EveryFileIsPrivate()
    {
        using var directory = new TempDirectory();
        SourceFiles.Write(directory["source"], seed: 30, count: 20);
        await using (UpProcess up = UpProcess.Start(
            "umask 0; export DORA_SAME_HOST=on;",
            "--workers", "2", "--data", directory["data"], "--page-capacity", "64m", "--page-dir", directory["more"] + "=64m", "--mount", $"/src={directory["source"]}"))
        {
            await up.ReadyAsync();
            CommandLine load = await CommandLine.RunAsync("load", "/src", "--data", directory["data"]);
            Assert.True(load.Code == ExitCode.Ok, load.Error);

            AssertPrivate(directory["data"], "cluster.db", "cluster.db-wal", "cluster.db-shm", "worker.log", "lock", "socket", "CURRENT", "id", "format");
            AssertPrivate(directory["more"], "lock");
            Assert.NotEmpty(Directory.GetFiles(directory.Path, "*.seg", SearchOption.AllDirectories));
            await up.StopAsync();
        }

        AssertPrivate(directory["data"], "cluster.db");
        AssertPrivate(directory["more"], "lock");
    }

    [Fact]
    public async Task Up_OnWhatAnEarlierVersionLeftOpen_ClosesItAndSaysSo()
    {
        using var directory = new TempDirectory();
        foreach (string time in (string[])["first", "again"])
        {
            await using UpProcess up = UpProcess.Start("umask 0;", "--workers", "1", "--data", directory["data"], "--page-dir", directory["more"] + "=64m");
            await up.ReadyAsync();
            Assert.Equal(time == "again", up.Error.Contains($"'{directory["data"]}' could be read by other users (mode 0755)", StringComparison.Ordinal));
            AssertPrivate(directory["data"], "cluster.db", "worker.log");
            AssertPrivate(directory["more/w0"], "lock");
            await up.StopAsync();
            Open(directory["data"]);
            Open(directory["more"]);
        }

        Assert.Contains($"'{directory["more/w0"]}' could be read by other users", await File.ReadAllTextAsync(directory["data/workers/w0/worker.log"]), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_InAnOpenDirectoryWithOtherFiles_IsRefused()
    {
        using var directory = new TempDirectory();
        directory.Write("home/notes.txt", "text"u8);
        Open(directory["home"]);

        (await CommandLine.RunAsync("up", "--workers", "1", "--data", directory["home"])).AssertFailed(ExitCode.Configuration, "notes.txt", "chmod 700", "--data");
    }

    private static void AssertPrivate(string root, params string[] names)
    {
        string[] all = [root, .. Directory.GetFileSystemEntries(root, "*", SearchOption.AllDirectories)];
        Assert.All(names, name => Assert.Contains(all, path => Path.GetFileName(path) == name));
        string[] wrong = [.. all.Where(static path => File.GetUnixFileMode(path) != Wanted(path)).Select(static path => $"{Convert.ToString((int)File.GetUnixFileMode(path), 8)} {path}")];
        Assert.True(wrong.Length == 0, string.Join('\n', wrong));
    }

    private static UnixFileMode Wanted(string path) =>
        UnixFileMode.UserRead | UnixFileMode.UserWrite | (Directory.Exists(path) ? UnixFileMode.UserExecute : 0);

    private static void Open(string root)
    {
        foreach (string path in Directory.GetFileSystemEntries(root, "*", SearchOption.AllDirectories).Append(root))
        {
            File.SetUnixFileMode(path, Directory.Exists(path) ? (UnixFileMode)0b111_101_101 : (UnixFileMode)0b110_100_100);
        }
    }
}
