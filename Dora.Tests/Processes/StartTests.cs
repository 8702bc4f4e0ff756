using System.Diagnostics;
using System.Text.Json;
using Dora.Cli;
using Dora.LocalCluster;
using Dora.Tests.Cli;
using Dora.Tests.Doubles;
using Dora.Tests.Waiting;

namespace Dora.Tests.Processes;

/// <summary>Starting where something is in the way: too few files, an earlier cluster that is just ending, a running one, a wrong mount.</summary>
[Trait("Category", "Process")]
[Trait("Category", "Slow")]
public sealed class StartTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private string Data => _directory["data"];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(64, "version", 256)]
    [InlineData(200, "ls /", 256)]
    [InlineData(256, "up --workers 1", 1024)]
    [InlineData(512, "demo", 1024)]
    public async Task OpenFiles_TooFew_SaysWhichLimit(int limit, string command, int needed)
    {
        (int code, string error) = await ShellAsync($"ulimit -n {limit}; dotnet exec '{UpProcess.Dora}' {command} --data '{Data}'");

        Assert.Equal((int)ExitCode.Configuration, code);
        Assert.StartsWith($"dora: the limit on open files is {limit} and ", error, StringComparison.Ordinal);
        Assert.Contains($"needs {needed}: raise it with 'ulimit -n 1024'", error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task Worker_TooFewOpenFiles_SaysWhichLimit()
    {
        (int code, string error) = await ShellAsync($"ulimit -n 256; dotnet exec '{WorkerProcess.WorkerProgram()}' --data '{Data}'");

        Assert.Equal(3, code);
        Assert.StartsWith("dora-worker: the limit on open files is 256 and a worker needs 1024", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Up_RightAfterTheFirstWasKilled_WaitsForItsWorkers()
    {
        await using UpProcess first = UpProcess.Start(string.Empty, "--workers", "2", "--data", Data);
        await first.ReadyAsync();
        await first.KillAsync();

        // In the place of a worker that takes its time: how fast the first one's end is chance.
        FileStream? held = null;
        await Eventually.Async(() => Task.FromResult((held = TryLock(Path.Combine(ClusterDirectory.Open(Data).WorkerPath("w0"), "lock"))) is not null), "the first w0 ends");
        await using UpProcess second = UpProcess.Start(string.Empty, "--workers", "2", "--data", Data);
        await Eventually.Async(() => Task.FromResult(second.Error.Contains("still ending", StringComparison.Ordinal)), "the second run says that it waits");
        held!.Dispose();
        await second.ReadyAsync();

        Assert.Equal(2, (await second.StopAsync()).GetProperty("workers").GetArrayLength());
    }

    private static FileStream? TryLock(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
    }

    [Fact]
    public async Task Up_WhereAClusterRuns_IsRefusedAtOnce()
    {
        await using UpProcess first = UpProcess.Start(string.Empty, "--workers", "1", "--data", Data);
        await first.ReadyAsync();

        (await CommandLine.RunAsync("up", "--workers", "1", "--data", Data)).AssertFailed(ExitCode.Configuration, $"(process {first.ProcessId})", "--data");

        await first.StopAsync();
        Assert.Null(RunningCluster.Read(Data));
    }

    [Fact]
    public async Task Up_WithFewerWorkers_NamesWhatIsLeftOut()
    {
        Directory.CreateDirectory(Path.Combine(ClusterDirectory.Open(Data).WorkerPath("w1")));
        await using UpProcess up = UpProcess.Start(string.Empty, "--workers", "1", "--data", Data);
        await up.ReadyAsync();

        Assert.Contains("not started, though there is data of an earlier run: w1", up.Error, StringComparison.Ordinal);
        await up.StopAsync();
    }

    [Theory]
    [InlineData("/no/such/directory", 3, "does not exist")]
    [InlineData("/etc/passwd", 3, "is a file")]
    [InlineData("s3://bucket/x", 1, "no connector for 's3'")]
    public async Task Up_MountIsWrong_IsSaidBeforeAWorkerStarts(string ufs, int code, string said)
    {
        CommandLine run = await CommandLine.RunAsync("up", "--workers", "1", "--data", Data, "--mount", $"/bad={ufs}");

        run.AssertFailed((ExitCode)code, said);
        Assert.False(Directory.Exists(Path.Combine(Data, "workers", "w0")));
    }

    [Fact]
    public async Task Up_PassesOnWhatTheWorkersKnow()
    {
        SourceFiles.Write(_directory["source"], seed: 31, count: 3);
        string token = _directory.Write("token", "s3cret\n"u8);
        await using UpProcess up = UpProcess.Start(
            string.Empty, "--workers", "2", "--data", Data, "--mount", $"/src={_directory["source"]}", "--token-file", token, "--weight", "w1=300", "--metadata-memory", "64m", "--same-host", "on", "--hand-over", "1");
        await up.ReadyAsync();
        Assert.Contains($"DORA_TOKEN_FILE={token}", up.Error, StringComparison.Ordinal);

        (int code, string error) = await ShellAsync(
            $"export DORA_TOKEN_FILE='{token}'; dotnet exec '{UpProcess.Dora}' workers --json --data '{Data}' > '{_directory["workers"]}' && dotnet exec '{UpProcess.Dora}' stat '/src/file 1.bin' --data '{Data}' > /dev/null");
        Assert.True(code == 0, error);
        JsonElement workers = JsonSerializer.Deserialize<JsonElement>(await File.ReadAllTextAsync(_directory["workers"]));
        Assert.Equal([100, 300], workers.GetProperty("workers").EnumerateArray().Select(static w => w.GetProperty("weight").GetInt32()));
        Assert.True(File.Exists(Path.Combine(Data, "workers", "w0", "same-host", "socket")));
        (await CommandLine.RunAsync("stat", "/src/file 1.bin", "--data", Data)).AssertFailed(ExitCode.Denied, "token");
        await up.StopAsync();
    }

    [Theory]
    [InlineData("--weight", "w9=5")]
    [InlineData("--weight", "w0=0")]
    [InlineData("--weight", "7")]
    public async Task Up_OptionIsWrong_IsSaid(string option, string value) =>
        (await CommandLine.RunAsync("up", "--workers", "1", "--data", Data, option, value)).AssertFailed(ExitCode.Usage, option, value);

    [Fact]
    public async Task Worker_Idle_LogsNothing()
    {
        await using UpProcess up = UpProcess.Start(string.Empty, "--workers", "1", "--data", Data);
        await up.ReadyAsync();
        string log = Path.Combine(Data, "workers", "w0", "worker.log");

        // The cluster's view is refreshed every 3 seconds; the database says when.
        DateTime seen = await IAmAliveAsync(default);
        seen = await IAmAliveAsync(seen);
        await IAmAliveAsync(seen);
        string[] memberships = [.. (await File.ReadAllLinesAsync(log)).Where(static l => l.Contains("Membership version", StringComparison.Ordinal))];

        Assert.Equal(memberships.Distinct(StringComparer.Ordinal).Count(), memberships.Length);
        Assert.Equal(memberships.Select(static l => l[(l.IndexOf("Membership version", StringComparison.Ordinal))..]).Distinct(StringComparer.Ordinal).Count(), memberships.Length);
        await up.StopAsync();

        async Task<DateTime> IAmAliveAsync(DateTime after)
        {
            DateTime now = default;
            await Eventually.Async(
                () =>
                {
                    using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={Path.Combine(Data, "cluster", "cluster.db")};Mode=ReadOnly;Pooling=False");
                    connection.Open();
                    using Microsoft.Data.Sqlite.SqliteCommand command = connection.CreateCommand();
                    command.CommandText = "SELECT max(IAmAliveTime) FROM OrleansMembershipTable";
                    now = Convert.ToDateTime(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
                    return now > after;
                },
                "the worker to say that it lives");
            return now;
        }
    }

    private static async Task<(int Code, string Error)> ShellAsync(string script)
    {
        using Process shell = Process.Start(new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        Task<string> output = shell.StandardOutput.ReadToEndAsync();
        string error = await shell.StandardError.ReadToEndAsync();
        await shell.WaitForExitAsync();
        await output;
        return (shell.ExitCode, error);
    }
}
