using System.Text.Json;
using Dora.Cli;
using Dora.Tests.Cli;

namespace Dora.Tests.Processes;

/// <summary>Every command against a real cluster, for people and for programs.</summary>
[Trait("Category", "Process")]
public sealed class CommandsTests(ProcessCluster cluster) : IClassFixture<ProcessCluster>
{
    [Fact]
    public async Task Workers_ListsThree()
    {
        CommandLine run = await OkAsync("workers", "--json");

        Assert.Equal(["w0", "w1", "w2"], run.Json.GetProperty("workers").EnumerateArray().Select(static w => w.GetProperty("worker").GetString()));
        Assert.All(run.Json.GetProperty("workers").EnumerateArray(), static w => Assert.True(w.GetProperty("status").GetProperty("pageCapacityBytes").GetInt64() > 0));
        Assert.Contains("w1", (await OkAsync("workers")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Workers_EveryAddressOfTheCluster_Serves()
    {
        string directory = cluster.Cluster.Directory.ClusterPath;

        foreach (string address in (string[])[cluster.Data, directory, ClusterAddress.Parse(directory).DatabaseFile])
        {
            CommandLine run = await CommandLine.RunAsync("workers", "--data", address);

            Assert.True(run.Code == ExitCode.Ok, $"{address}: {run.Error}");
        }
    }

    [Theory]
    [InlineData("workers")]
    [InlineData("up")]
    public async Task Cluster_InPostgres_IsRefusedInOneLine(string command) =>
        (await CommandLine.RunAsync(command, "--data", "postgres://db/dora")).AssertFailed(ExitCode.Usage, "PostgreSQL", "give a directory or a SQLite file");

    [Fact]
    public async Task Ls_ListsRootMountAndDirectories()
    {
        Assert.Contains("files/", (await OkAsync("ls", "/")).Output, StringComparison.Ordinal);
        Assert.Contains("deep/", (await OkAsync("ls", "/files")).Output, StringComparison.Ordinal);

        JsonElement names = (await OkAsync("ls", "/files/deep/er", "--json")).Json;
        string[] expected = [.. cluster.Names.Where(static n => n.StartsWith("deep/er/", StringComparison.Ordinal)).Select(static n => "/files/" + n).Order(StringComparer.Ordinal)];
        Assert.Equal(expected, names.GetProperty("entries").EnumerateArray().Select(static e => e.GetProperty("path").GetString()!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Stat_TellsLengthAndOwner()
    {
        string name = cluster.Names[1];

        JsonElement stat = (await OkAsync("stat", "/files/" + name, "--json")).Json;

        Assert.Equal(new FileInfo(Path.Combine(cluster.Source, name)).Length, stat.GetProperty("length").GetInt64());
        Assert.Matches("^w[012]$", stat.GetProperty("owner").GetString());
    }

    [Fact]
    public async Task Get_CopiesADirectory()
    {
        string target = Path.Combine(Path.GetTempPath(), "dora-get-" + Guid.NewGuid().ToString("N"));
        try
        {
            await OkAsync("get", "/files", target);

            Assert.All(cluster.Names, name => Assert.Equal(File.ReadAllBytes(Path.Combine(cluster.Source, name)), File.ReadAllBytes(Path.Combine(target, name))));
            (await RunAsync("get", "/files/" + cluster.Names[1], Path.Combine(target, cluster.Names[1]))).AssertFailed(ExitCode.AlreadyExists, "--force");
        }
        finally
        {
            Directory.Delete(target, recursive: true);
        }
    }

    [Fact]
    [System.Runtime.Versioning.SupportedOSPlatform("linux")]
    public async Task Get_NeverTouchesOtherFiles()
    {
        string target = Directory.CreateTempSubdirectory("dora-get-").FullName;
        string longest = new('n', 255);
        string source = Path.Combine(cluster.Source, longest);
        try
        {
            await File.WriteAllTextAsync(source, "content");
            string local = Path.Combine(target, "data");
            await File.WriteAllTextAsync(local + ".dora-part", "the user's own");

            await OkAsync("get", "/files/" + longest, local);
            await OkAsync("get", "/files/" + longest, target);

            Assert.Equal("the user's own", await File.ReadAllTextAsync(local + ".dora-part"));
            Assert.Equal("content", await File.ReadAllTextAsync(Path.Combine(target, longest)));
            Assert.Equal(["data", "data.dora-part", longest], Directory.GetFileSystemEntries(target).Select(Path.GetFileName).Order(StringComparer.Ordinal));
            Assert.Equal(File.GetUnixFileMode(source), File.GetUnixFileMode(local));
        }
        finally
        {
            File.Delete(source);
            Directory.Delete(target, recursive: true);
        }
    }

    [Fact]
    public async Task Cat_WritesTheBytes()
    {
        string path = Path.Combine(cluster.Source, "text.txt");
        await File.WriteAllTextAsync(path, "first line\nsecond line\n");

        CommandLine run = await OkAsync("cat", "/files/text.txt", "--offset", "6", "--length", "4");

        Assert.Equal("line", run.Output);
        File.Delete(path);
    }

    [Fact]
    public async Task LoadThenFree_TellWhatWasMoved()
    {
        JsonElement load = (await OkAsync("load", "/files/deep", "--json")).Json;
        Assert.Equal("succeeded", load.GetProperty("state").GetString());
        Assert.Equal(cluster.Names.Count(static n => n.StartsWith("deep/", StringComparison.Ordinal)), load.GetProperty("filesDone").GetInt64());

        JsonElement free = (await OkAsync("free", "/files/deep", "--json")).Json;
        Assert.True(free.GetProperty("bytes").GetInt64() > 0);
    }

    [Fact]
    public async Task StatLsAndDu_TellWhatIsCached()
    {
        string[] below = [.. cluster.Names.Where(n => n.StartsWith("deep/er/", StringComparison.Ordinal) && new FileInfo(Path.Combine(cluster.Source, n)).Length > 0)];
        string name = below[0];
        string directory = Path.GetDirectoryName("/files/" + name)!;
        long length = new FileInfo(Path.Combine(cluster.Source, name)).Length;
        await RunAsync("free", directory);
        Assert.Empty((await OkAsync("stat", "/files/" + name, "--json")).Json.GetProperty("cached").EnumerateArray());
        Assert.Equal(0, (await OkAsync("du", directory, "--json")).Json.GetProperty("bytes").GetInt64());

        await OkAsync("load", directory);

        JsonElement stat = (await OkAsync("stat", "/files/" + name, "--json")).Json;
        JsonElement copy = Assert.Single(stat.GetProperty("cached").EnumerateArray());
        Assert.Equal(
            (stat.GetProperty("owner").GetString(), true, stat.GetProperty("version").GetString(), length),
            (copy.GetProperty("worker").GetString(), copy.GetProperty("isOwner").GetBoolean(), copy.GetProperty("version").GetString(), copy.GetProperty("bytes").GetInt64()));
        Assert.Contains("(100 %) on w", (await OkAsync("stat", "/files/" + name)).Output, StringComparison.Ordinal);
        Assert.Equal(below.Length, (await OkAsync("ls", "-l", directory)).Output.Split('\n').Count(static line => line.Contains("  100 % w", StringComparison.Ordinal)));
        JsonElement listed = (await OkAsync("ls", "--long", directory, "--json")).Json.GetProperty("entries");
        Assert.All(listed.EnumerateArray(), static e => Assert.Equal(e.GetProperty("length").GetInt64(), e.GetProperty("cached").EnumerateArray().Sum(static c => c.GetProperty("bytes").GetInt64())));
        JsonElement du = (await OkAsync("du", directory, "--json")).Json;
        Assert.Equal(
            (below.Length, below.Sum(n => new FileInfo(Path.Combine(cluster.Source, n)).Length), 0L),
            (du.GetProperty("files").GetInt64(), du.GetProperty("bytes").GetInt64(), du.GetProperty("copies").GetInt64()));
        (await RunAsync("du", "/files/none")).AssertFailed(ExitCode.NotFound, "'/files/none'");
    }

    [Fact]
    public async Task Jobs_ListedShownWatchedCancelled()
    {
        JsonElement started = (await OkAsync("load", "/files/deep", "--detach", "--json")).Json;
        string id = started.GetProperty("jobId").GetString()!;
        Assert.Equal("/files/deep", started.GetProperty("path").GetString());

        JsonElement ended = (await OkAsync("job", "watch", id, "--json")).Json;
        Assert.Equal(("succeeded", id), (ended.GetProperty("state").GetString(), ended.GetProperty("jobId").GetString()));
        Assert.Equal("succeeded", (await OkAsync("job", "cancel", id, "--json")).Json.GetProperty("state").GetString()); // it has ended already
        Assert.NotEqual(JsonValueKind.Null, (await OkAsync("job", "show", id, "--json")).Json.GetProperty("endedAt").ValueKind);
        JsonElement all = (await OkAsync("job", "list", "--json")).Json;
        Assert.Contains(all.GetProperty("jobs").EnumerateArray(), j => j.GetProperty("jobId").GetString() == id);
        Assert.False(all.GetProperty("hasMore").GetBoolean());
        Assert.Equal(1, (await OkAsync("job", "list", "--limit", "1", "--json")).Json.GetProperty("jobs").GetArrayLength());
        Assert.Contains(id, (await OkAsync("job", "list")).Output, StringComparison.Ordinal);
        Assert.Contains("/files/deep", (await OkAsync("job", "show", id)).Output, StringComparison.Ordinal);
        (await RunAsync("job", "show", "load-none")).AssertFailed(ExitCode.NotFound, "load-none");
        (await RunAsync("job", "watch", "load-none")).AssertFailed(ExitCode.NotFound, "load-none");
        (await RunAsync("job", "cancel", "load-none")).AssertFailed(ExitCode.NotFound, "load-none");
        (await RunAsync("job", "list", "--limit", "0")).AssertFailed(ExitCode.Usage, "--limit");
    }

    [Fact]
    public async Task Mount_AddListRemove()
    {
        await OkAsync("mount", "add", "/more", Path.Combine(cluster.Source, "deep"), "--freshness", "max-age 10m", "--page-size", "1m");
        Assert.Contains("/more", (await OkAsync("mount", "list")).Output, StringComparison.Ordinal);
        Assert.Contains("er/", (await OkAsync("ls", "/more")).Output, StringComparison.Ordinal);

        await OkAsync("mount", "remove", "/more");
        Assert.DoesNotContain("/more", (await OkAsync("mount", "list")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Mount_Set_EveryOptionOfAdd_AndOthersStay()
    {
        string root = Path.Combine(cluster.Source, "deep");
        await OkAsync("mount", "add", "/set", root, "--quota", "10GiB");
        string[][] changes = [["--fetch-size", "64k"], ["--freshness", "immutable"], ["--page-ttl", "7d"], ["--replicas", "2"]];
        foreach (string[] change in changes)
        {
            await OkAsync(["mount", "set", "/set", .. change]);
        }

        JsonElement mount = (await OkAsync("mount", "ls", "--json")).Json.GetProperty("mounts").EnumerateArray().Single(static m => m.GetProperty("path").GetString() == "/set");
        Assert.Equal(
            (65536, "immutable", 10L << 30, "7d", 2),
            (mount.GetProperty("fetchSize").GetInt32(), mount.GetProperty("freshness").GetString(), mount.GetProperty("quotaBytes").GetInt64(), mount.GetProperty("pageTtl").GetString(), mount.GetProperty("replicas").GetInt32()));
        Assert.Equal(JsonValueKind.Null, (await OkAsync("mount", "set", "/set", "--quota", "none", "--json")).Json.GetProperty("quotaBytes").ValueKind);
        Assert.Contains("removed /set; file://", (await OkAsync("mount", "rm", "/set")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Ls_OfAFile_ListsIt()
    {
        string name = "/files/" + cluster.Names[1];

        JsonElement entry = Assert.Single((await OkAsync("ls", name, "--json")).Json.GetProperty("entries").EnumerateArray());
        Assert.Equal((name, "file"), (entry.GetProperty("path").GetString(), entry.GetProperty("kind").GetString()));
        Assert.Single((await OkAsync("ls", name)).Output.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task Free_OfNothing_IsNotFound()
    {
        (await RunAsync("free", "/files/no such file")).AssertFailed(ExitCode.NotFound, "/files/no such file");
        (await RunAsync("free", "/nowhere")).AssertFailed(ExitCode.NotFound, "/nowhere");
        string cold = Path.Combine(cluster.Source, "never read.txt");
        await File.WriteAllTextAsync(cold, "text");
        Assert.Contains("nothing was cached of", (await OkAsync("free", "/files/never read.txt")).Output, StringComparison.Ordinal);
        File.Delete(cold);
    }

    [Fact]
    public async Task MountRulesAndPins_SetListedRemoved()
    {
        string root = Path.Combine(cluster.Source, "deep");
        JsonElement added = (await OkAsync("mount", "add", "/ruled", root, "--fetch-size", "1m", "--quota", "10GiB", "--page-ttl", "7d", "--json")).Json;
        Assert.Equal((10L << 30, "7d"), Rules(added));
        Assert.Equal((10L << 30, null), Rules((await OkAsync("mount", "set", "/ruled", "--page-ttl", "none", "--json")).Json));
        (await RunAsync("mount", "set", "/ruled")).AssertFailed(ExitCode.Usage, "--quota");
        (await RunAsync("mount", "set", "/absent", "--quota", "1g")).AssertFailed(ExitCode.NotFound, "/absent");

        await OkAsync("pin", "/ruled/er", "--share", "30%");
        JsonElement pin = Assert.Single((await OkAsync("pins", "--json")).Json.GetProperty("pins").EnumerateArray());
        Assert.Equal(("/ruled/er", 30), (pin.GetProperty("path").GetString(), pin.GetProperty("sharePercent").GetInt32()));
        (await RunAsync("pin", "/ruled", "--share", "60%")).AssertFailed(ExitCode.Usage, "80%", "dora pins");
        (await RunAsync("pin", "/absent")).AssertFailed(ExitCode.NotFound, "under no mount");
        Assert.Equal("/ruled/er", (await OkAsync("unpin", "/ruled/er", "--json")).Json.GetProperty("path").GetString());
        (await RunAsync("unpin", "/ruled/er")).AssertFailed(ExitCode.NotFound, "no pin");
        await OkAsync("mount", "remove", "/ruled");

        static (long Quota, string? Ttl) Rules(JsonElement mount) => (mount.GetProperty("quotaBytes").GetInt64(), mount.GetProperty("pageTtl").GetString());
    }

    [Fact]
    public async Task Doctor_FindsAllGood()
    {
        JsonElement findings = (await OkAsync("doctor", "--json")).Json;

        Assert.DoesNotContain(findings.GetProperty("findings").EnumerateArray(), static f => f.GetProperty("state").GetString() == "bad");
        Assert.Equal(3, findings.GetProperty("findings").EnumerateArray().Count(static f => f.GetProperty("check").GetString()!.StartsWith("worker ", StringComparison.Ordinal)));
    }

    private Task<CommandLine> RunAsync(params string[] arguments) => CommandLine.RunAsync([.. arguments, "--data", cluster.Data]);

    private async Task<CommandLine> OkAsync(params string[] arguments)
    {
        CommandLine run = await RunAsync(arguments);
        Assert.True(run.Code == ExitCode.Ok, $"{string.Join(' ', arguments)}: {run.Code}: {run.Error}");
        return run;
    }
}
