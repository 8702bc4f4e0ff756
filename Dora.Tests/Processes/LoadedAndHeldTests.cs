using System.Text.Json;
using Dora.Cli;
using Dora.Client;
using Dora.Tests.Cli;

namespace Dora.Tests.Processes;

/// <summary>A load succeeds when what it loaded is held at its end, and says so when it is not.</summary>
[Trait("Category", "Process")]
public sealed class LoadedAndHeldTests : IAsyncLifetime
{
    private const long Capacity = 32L << 20;

    private readonly SmallCluster _cluster = new(workers: 1, pageCapacity: Capacity);

    public async Task InitializeAsync()
    {
        Directory.CreateDirectory(_cluster.Source);
        await using (FileStream large = File.Create(Path.Combine(_cluster.Source, "large")))
        {
            large.SetLength(3 * Capacity);
        }

        await File.WriteAllBytesAsync(Path.Combine(_cluster.Source, "small"), new byte[6 << 20]);
        await _cluster.StartAsync();
        await using DoraClient client = await _cluster.ConnectAsync();
        await client.Mounts.AddAsync(SmallCluster.MountPath, _cluster.Source, freshness: "immutable");
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Load_MoreThanThePageCapacity_IsIncomplete()
    {
        CommandLine run = await DoraAsync("load", SmallCluster.MountPath, "--json");

        AssertIncomplete(run, Capacity, "--page-capacity");
        Assert.Equal((3 * Capacity) + (6 << 20), run.Json.GetProperty("bytesDone").GetInt64());
        Assert.Contains("/files/large", run.Error, StringComparison.Ordinal);
        CommandLine people = await DoraAsync("load", SmallCluster.MountPath);
        Assert.Equal(ExitCode.Incomplete, people.Code);
        Assert.StartsWith("incomplete: 2 files, 102.0 MiB (", people.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Load_MoreThanTheQuota_IsIncomplete()
    {
        const long quota = 2L << 20;
        CommandLine set = await DoraAsync("mount", "set", SmallCluster.MountPath, "--quota", "2MiB");
        Assert.Equal(ExitCode.Ok, set.Code);

        AssertIncomplete(await DoraAsync("load", SmallCluster.MountPath + "/small", "--json"), quota, "--quota");
    }

    [Fact]
    public async Task Load_DiskRefusesPages_Fails()
    {
        Directory.Delete(_cluster.Pages, recursive: true);

        CommandLine run = await DoraAsync("load", SmallCluster.MountPath + "/small", "--json");

        Assert.NotEqual(ExitCode.Ok, run.Code);
        Assert.NotEqual("succeeded", run.Json.GetProperty("state").GetString());
    }

    private static void AssertIncomplete(CommandLine run, long room, string advice)
    {
        Assert.True(run.Code == ExitCode.Incomplete, $"{run.Code}: {run.Output}{run.Error}");
        JsonElement job = run.Json;
        Assert.Equal("incomplete", job.GetProperty("state").GetString());
        Assert.Equal(room, job.GetProperty("capacityBytes").GetInt64());
        Assert.InRange(job.GetProperty("bytesHeld").GetInt64(), room / 4, room);
        Assert.Contains(advice, job.GetProperty("note").GetString(), StringComparison.Ordinal);
    }

    private Task<CommandLine> DoraAsync(params string[] arguments) => CommandLine.RunAsync([.. arguments, "--data", _cluster.ClusterPath]);
}
