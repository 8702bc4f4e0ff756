using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Dora.Cli;
using Dora.LocalCluster;
using Dora.Tests.Cli;

namespace Dora.Tests.Processes;

/// <summary>Bad input ends in one clear line (what, where, what to do) and a non-zero exit code.</summary>
[Trait("Category", "Process")]
public sealed class BadInputTests(ProcessCluster cluster) : IClassFixture<ProcessCluster>
{
    [Fact]
    public async Task Path_IsUnknown_SaysWhere() =>
        (await DoraAsync("stat", "/files/no such file")).AssertFailed(ExitCode.NotFound, "/files/no such file");

    [Fact]
    public async Task Path_IsUnderNoMount_SaysHowToMount() =>
        (await DoraAsync("cat", "/elsewhere/file")).AssertFailed(ExitCode.NotFound, "/elsewhere/file", "mount");

    [Fact]
    public async Task Path_IsMalformed_SaysTheRule() =>
        (await DoraAsync("stat", "no/slash")).AssertFailed(ExitCode.Usage, "no/slash", "'/'");

    [Fact]
    public async Task Path_IsDirectory_SaysSo() =>
        (await DoraAsync("cat", "/files/deep")).AssertFailed(ExitCode.Failed, "/files/deep", "directory");

    [Fact]
    public async Task Mount_DirectoryIsMissing_SaysWhichOne() =>
        (await DoraAsync("mount", "add", "/missing", "/no/such/directory")).AssertFailed(ExitCode.NotFound, "/no/such/directory");

    [Fact]
    public async Task Mount_SchemeIsUnknown_SaysWhichAreKnown() =>
        (await DoraAsync("mount", "add", "/ftp", "ftp://host/dir")).AssertFailed(ExitCode.Failed, "ftp", "file");

    [Fact]
    public async Task Mount_IsThereAlready_SaysSo() =>
        (await DoraAsync("mount", "add", ProcessCluster.MountPath, "/tmp")).AssertFailed(ExitCode.AlreadyExists, ProcessCluster.MountPath);

    [Fact]
    public async Task Mount_ToRemoveIsUnknown_SaysSo() =>
        (await DoraAsync("mount", "remove", "/nothing")).AssertFailed(ExitCode.NotFound, "/nothing");

    [Fact]
    public async Task FetchSize_IsNoPowerOfTwo_SaysTheRule() =>
        (await DoraAsync("mount", "add", "/odd", cluster.Source, "--fetch-size", "100000")).AssertFailed(ExitCode.Usage, "100000", "power of two");

    [Fact]
    public async Task Load_OfUnknownPath_Fails()
    {
        CommandLine run = await DoraAsync("load", "/files/no such directory");

        Assert.NotEqual(ExitCode.Ok, run.Code);
        Assert.Contains("no such directory", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Worker_OnAnotherWorkersDirectory_IsRefused()
    {
        (int code, string error) = await WorkerAsync("--data", cluster.Cluster.Directory.WorkerPath("w0"), "--cluster", cluster.Cluster.Directory.ClusterPath, "--cluster-id", cluster.Cluster.Directory.ClusterId, "--worker-id", "w9");

        AssertOneLine(code, error, cluster.Cluster.Directory.WorkerPath("w0"), "another");
    }

    [Fact]
    public async Task Worker_PortIsInUse_SaysWhichOne()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;

        (int code, string error) = await WorkerAsync(
            "--data", cluster.Cluster.Directory.WorkerPath("w8"), "--cluster", cluster.Cluster.Directory.ClusterPath, "--cluster-id", cluster.Cluster.Directory.ClusterId, "--worker-id", "w8", "--page-port", port.ToString(System.Globalization.CultureInfo.InvariantCulture));

        AssertOneLine(code, error, port.ToString(System.Globalization.CultureInfo.InvariantCulture), "in use");
    }

    [Fact]
    public async Task Worker_DirectoryIsOfANewerFormat_SaysUpgrade()
    {
        string data = cluster.Cluster.Directory.WorkerPath("w7");
        Directory.CreateDirectory(data);
        await File.WriteAllTextAsync(Path.Combine(data, "format"), "99\n");

        (int code, string error) = await WorkerAsync("--data", data, "--cluster", cluster.Cluster.Directory.ClusterPath, "--cluster-id", cluster.Cluster.Directory.ClusterId, "--worker-id", "w7");

        AssertOneLine(code, error, data, "newer");
    }

    [Fact]
    public async Task Worker_ClusterStoreIsDamaged_SaysWhichFile()
    {
        using var temporary = new TemporaryData();
        string clusterPath = ClusterDirectory.ClusterPathOf(temporary.Path);
        Directory.CreateDirectory(clusterPath);
        await File.WriteAllTextAsync(Path.Combine(clusterPath, "cluster.db"), new string('x', 8192));

        (int code, string error) = await WorkerAsync("--data", Path.Combine(temporary.Path, "w0"), "--cluster", clusterPath, "--cluster-id", "test", "--worker-id", "w0");

        AssertOneLine(code, error, "cluster.db");
    }

    [Fact]
    public async Task Up_DirectoryIsOfANewerFormat_SaysUpgrade()
    {
        using var temporary = new TemporaryData();
        await File.WriteAllTextAsync(Path.Combine(temporary.Path, "format"), "99\n");

        (await CommandLine.RunAsync("up", "--data", temporary.Path)).AssertFailed(ExitCode.Configuration, temporary.Path, "newer");
    }

    [Fact]
    public async Task Up_DirectoryIsNoDoraDirectory_SaysSo()
    {
        using var temporary = new TemporaryData();
        await File.WriteAllTextAsync(Path.Combine(temporary.Path, "format"), "holiday pictures\n");

        (await CommandLine.RunAsync("up", "--data", temporary.Path)).AssertFailed(ExitCode.Configuration, temporary.Path);
    }

    private static void AssertOneLine(int code, string error, params string[] said)
    {
        string line = error.TrimEnd('\n');
        Assert.NotEqual(0, code);
        Assert.False(line.Contains('\n', StringComparison.Ordinal), $"more than one line: {line}");
        Assert.All(said, text => Assert.Contains(text, line, StringComparison.Ordinal));
    }

    private static async Task<(int Code, string Error)> WorkerAsync(params string[] arguments)
    {
        var info = new ProcessStartInfo("dotnet") { RedirectStandardError = true, RedirectStandardOutput = true, RedirectStandardInput = true };
        foreach (string argument in (string[])["exec", WorkerProcess.WorkerProgram(), .. arguments, "--exit-with-stdin"])
        {
            info.ArgumentList.Add(argument);
        }

        using Process process = Process.Start(info)!;
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            string error = await process.StandardError.ReadToEndAsync(deadline.Token);
            await process.WaitForExitAsync(deadline.Token);
            return (process.ExitCode, error);
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill();
            }
        }
    }

    private Task<CommandLine> DoraAsync(params string[] arguments) => CommandLine.RunAsync([.. arguments, "--data", cluster.Data]);

    private sealed class TemporaryData : IDisposable
    {
        private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("dora-test-");

        public string Path => _directory.FullName;

        public void Dispose() => _directory.Delete(recursive: true);
    }
}
