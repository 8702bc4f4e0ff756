using System.Diagnostics;
using System.Text.Json;
using Dora.Cli;
using Dora.LocalCluster;
using Dora.Tests.Cli;
using Dora.Tests.Waiting;

namespace Dora.Tests.Processes;

/// <summary>The two commands that start clusters, and that they leave nothing behind.</summary>
[Trait("Category", "Process")]
[Trait("Category", "Slow")]
public sealed class UpAndDemoTests
{
    [Fact]
    public async Task Demo_SmallDirectory_EveryByteIsRight()
    {
        DirectoryInfo source = Directory.CreateTempSubdirectory("dora-demo-source-");
        try
        {
            int files = SourceFiles.Write(source.FullName, seed: 7, count: 80).Count;

            CommandLine run = await CommandLine.RunAsync("demo", "--dir", source.FullName, "--json");

            Assert.True(run.Code == ExitCode.Ok, run.Error);
            Assert.Equal(files, run.Json.GetProperty("files").GetInt64());
            Assert.Equal(0, run.Json.GetProperty("failed").GetInt64());
            Assert.Equal(0, run.Json.GetProperty("wrong").GetInt64());
            Assert.Equal(1, run.Json.GetProperty("killed").GetInt64());
            Assert.Equal(
                ["files", "bytes", "coldMBps", "warmMBps", "p50us", "p99us", "farStoreMBps", "farStoreP50us", "farStoreP99us", "killed", "failed", "wrong", "perWorker"],
                run.Json.EnumerateObject().Select(static p => p.Name));
            Assert.Equal(files, run.Json.GetProperty("perWorker").EnumerateObject().Sum(static w => w.Value.GetInt64()));
        }
        finally
        {
            source.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Up_RunsUntilCancelled_AndLeavesNoProcess()
    {
        DirectoryInfo data = Directory.CreateTempSubdirectory("dora-up-");
        DirectoryInfo source = Directory.CreateTempSubdirectory("dora-up-source-");
        try
        {
            SourceFiles.Write(source.FullName, seed: 8, count: 5);
            using var stop = new CancellationTokenSource();
            using var output = new SignallingWriter("ready");
            using var announced = new StringWriter();
            Task<int> up = DoraCli.RunAsync(["up", "--workers", "2", "--data", data.FullName, "--mount", $"/src={source.FullName}", "--json"], announced, output, stop.Token);
            await Task.WhenAny(output.Seen, up).WaitAsync(TimeSpan.FromSeconds(60));
            Assert.False(up.IsCompleted, output.ToString());

            CommandLine ls = await CommandLine.RunAsync("ls", "/src", "--data", data.FullName);
            await stop.CancelAsync();

            Assert.Equal(0, await up.WaitAsync(TimeSpan.FromSeconds(60)));
            Assert.Contains("file 1.bin", ls.Output, StringComparison.Ordinal);
            JsonElement workers = JsonSerializer.Deserialize<JsonElement>(announced.ToString()).GetProperty("workers");
            Assert.All(workers.EnumerateArray(), static w => Assert.True(HasEnded(w.GetProperty("pid").GetInt32())));
        }
        finally
        {
            data.Delete(recursive: true);
            source.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Up_WorkerIsKilled_ItIsStartedAgain()
    {
        DirectoryInfo data = Directory.CreateTempSubdirectory("dora-up-");
        try
        {
            using var stop = new CancellationTokenSource();
            using var ready = new SignallingWriter("ready");
            using var announced = new StringWriter();
            Task<int> up = DoraCli.RunAsync(["up", "--workers", "2", "--data", data.FullName, "--json"], announced, ready, stop.Token);
            await Task.WhenAny(ready.Seen, up).WaitAsync(TimeSpan.FromSeconds(60));
            Assert.False(up.IsCompleted, ready.ToString());
            int victim = JsonSerializer.Deserialize<JsonElement>(announced.ToString()).GetProperty("workers")[1].GetProperty("pid").GetInt32();

            Process.GetProcessById(victim).Kill();

            await Eventually.Async(async () => await PidOfAsync("w1", data.FullName) is { } pid && pid != victim, "w1 to be back with another pid", TimeSpan.FromSeconds(60));
            await stop.CancelAsync();
            Assert.Equal(0, await up.WaitAsync(TimeSpan.FromSeconds(60)));
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Supervisor_WorkerCannotStartAgain_GivesUpAndSaysSo()
    {
        DirectoryInfo data = Directory.CreateTempSubdirectory("dora-up-");
        try
        {
            await using var cluster = new WorkerProcesses(ClusterDirectory.Open(data.FullName), new LocalWorkerOptions(null));
            await cluster.StartAsync(WorkerProcesses.WorkerIds(2), CancellationToken.None);
            Task watch = new Supervisor(cluster, static _ => { }, static _ => { }, TimeProvider.System).RunAsync(CancellationToken.None);

            await File.WriteAllTextAsync(Path.Combine(cluster.Directory.WorkerPath("w1"), "format"), "99\n");
            await cluster.Workers["w1"].KillAsync();

            DoraException e = await Assert.ThrowsAsync<DoraException>(() => watch.WaitAsync(TimeSpan.FromSeconds(90)));
            Assert.Contains("w1", e.Message, StringComparison.Ordinal);
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static async Task<int?> PidOfAsync(string worker, string data)
    {
        CommandLine run = await CommandLine.RunAsync("workers", "--json", "--data", data);
        JsonElement? status = run.Code != ExitCode.Ok ? null : run.Json.GetProperty("workers").EnumerateArray()
            .Where(w => w.GetProperty("worker").GetString() == worker).Select(static w => w.GetProperty("status")).Cast<JsonElement?>().FirstOrDefault();
        return status is { ValueKind: JsonValueKind.Object } known ? known.GetProperty("processId").GetInt32() : null;
    }

    private static bool HasEnded(int pid)
    {
        try
        {
            using Process process = Process.GetProcessById(pid);
            return process.HasExited;
        }
        catch (ArgumentException)
        {
            return true; // no such process
        }
    }
}
