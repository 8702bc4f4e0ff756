using System.Diagnostics;
using System.Text.Json;
using Dora.Cli;
using Dora.Tests.Cli;
using Dora.Tests.Doubles;
using Dora.Tests.Waiting;

namespace Dora.Tests.Processes;

/// <summary>The doctor of a healthy cluster, and of three sick ones.</summary>
[Trait("Category", "Process")]
[Trait("Category", "Slow")]
public sealed class DoctorTests : IDisposable
{
    private readonly TempDirectory _directory = new();

    private string Data => _directory["data"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task NoCluster_IsANote() =>
        Assert.Equal("note", Finding((await DoctorAsync(ExitCode.Ok)).Json, "cluster").GetProperty("state").GetString());

    [Fact]
    public async Task Worker_IsGone_IsNotHealthy_AndMountRemoved_SaysWhich()
    {
        Directory.CreateDirectory(_directory["source"]);
        await using UpProcess up = UpProcess.Start(string.Empty, "--workers", "2", "--data", Data, "--mount", $"/src={_directory["source"]}");
        await up.ReadyAsync();
        CommandLine healthy = await CommandLine.RunAsync("doctor", "--data", Data);
        Assert.True(healthy.Code == ExitCode.Ok, healthy.Output);
        Assert.EndsWith("healthy\n", healthy.Output, StringComparison.Ordinal);
        Assert.All(healthy.Output.Split('\n'), static line => Assert.True(line.Length <= 100, line));

        // The supervisor cannot start it again while it is stopped itself.
        JsonElement workers = (await CommandLine.RunAsync("workers", "--json", "--data", Data)).Json.GetProperty("workers");
        Signals.Stop(up.ProcessId);
        Process.GetProcessById(workers[1].GetProperty("status").GetProperty("processId").GetInt32()).Kill();
        await Eventually.Async(
            async () => Finding((await CommandLine.RunAsync("doctor", "--json", "--data", Data)).Json, "worker w1").GetProperty("detail").GetString()!.StartsWith("gone", StringComparison.Ordinal),
            "w1 to be declared dead");
        CommandLine gone = await DoctorAsync(ExitCode.Failed);
        Assert.Equal("bad", Finding(gone.Json, "worker w1").GetProperty("state").GetString());
        Assert.False(gone.Json.GetProperty("healthy").GetBoolean());
        Assert.Equal("good", Finding(gone.Json, "worker w0").GetProperty("state").GetString());
        Signals.Continue(up.ProcessId);

        Directory.Delete(_directory["source"]);
        await CommandLine.RunAsync("free", "/src", "--metadata", "--data", Data);
        CommandLine removed = await DoctorAsync(ExitCode.Failed);
        Assert.Contains("mount remove /src", Finding(removed.Json, "mount /src").GetProperty("fix").GetString(), StringComparison.Ordinal);
        await up.StopAsync();
    }

    [Fact]
    public async Task Token_IsWrong_IsSaidToBeThat_AndOnce()
    {
        Directory.CreateDirectory(_directory["source"]);
        await using UpProcess up = UpProcess.Start("export DORA_TOKEN=right;", "--workers", "2", "--data", Data, "--mount", $"/src={_directory["source"]}");
        await up.ReadyAsync();

        CommandLine wrong = await CommandLine.RunAsync("doctor", "--data", Data);

        Assert.Equal(ExitCode.Failed, wrong.Code);
        Assert.Contains("token", wrong.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("mount remove", wrong.Output, StringComparison.Ordinal);
        Assert.All(wrong.Output.Split('\n'), static line => Assert.True(line.Length <= 100, line));
        Assert.Single(wrong.Output.Split("the token is not this cluster's")[1..]);
        await up.StopAsync();
    }

    [Fact]
    public async Task Cluster_IsStopped_IsNotHealthy()
    {
        await using (UpProcess up = UpProcess.Start(string.Empty, "--workers", "1", "--data", Data))
        {
            await up.ReadyAsync();
            await up.StopAsync();
        }

        JsonElement cluster = Finding((await DoctorAsync(ExitCode.Failed)).Json, "cluster");
        Assert.Equal("bad", cluster.GetProperty("state").GetString());
        Assert.DoesNotContain(cluster.GetProperty("fix").GetString()!, cluster.GetProperty("detail").GetString()!, StringComparison.Ordinal);
    }

    private static JsonElement Finding(JsonElement doctor, string check) =>
        doctor.GetProperty("findings").EnumerateArray().Single(f => f.GetProperty("check").GetString() == check);

    private async Task<CommandLine> DoctorAsync(ExitCode code)
    {
        CommandLine run = await CommandLine.RunAsync("doctor", "--json", "--data", Data);
        Assert.True(run.Code == code, $"{run.Code}: {run.Output}{run.Error}");
        return run;
    }
}
