using System.Diagnostics;
using System.Text.Json;
using Dora.Cli;
using Dora.Tests.Cli;

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
                ["files", "bytes", "coldMBps", "warmMBps", "p50us", "p99us", "killed", "failed", "wrong", "perWorker"],
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
