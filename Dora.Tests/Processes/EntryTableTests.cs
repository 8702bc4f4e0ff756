using System.Text;
using System.Text.Json;
using Dora.Cli;
using Dora.Client;
using Dora.Tests.Cli;

namespace Dora.Tests.Processes;

/// <summary>The table of docs/files.md, row by row, on a directory that has one entry of each kind.</summary>
[Trait("Category", "Process")]
public sealed class EntryTableTests(EntryTree tree) : IClassFixture<EntryTree>
{
    [Fact]
    public async Task Ls_EveryKindOfEntry_IsGivenOrToldOf()
    {
        CommandLine ls = await RunAsync("ls", "/m", "--json");

        string[] given = [.. ls.Json.GetProperty("entries").EnumerateArray().Select(static e => e.GetProperty("path").GetString()![3..])];
        Assert.Equal(
            EntryTree.OrdinaryNames.Concat(["file", "empty", "sparse", "hard link", "link to file", "directory", "empty directory", "link to directory"]).Order(StringComparer.Ordinal),
            given);
        Assert.Equal(
            [
                @"brokenLink 2: link to itself, link to nothing",
                @"fifo 1: fifo",
                @"invalidName 2: raw\xFF, replaced" + '\uFFFD',
                @"outsideLink 2: link to device, link to outside",
                @"socket 1: socket",
                @"unfinished 1: .dora-partial-0",
            ],
            ls.Json.GetProperty("skipped").EnumerateArray().Select(Told).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("file", "content")]
    [InlineData("empty", "")]
    [InlineData("hard link", "content")]
    [InlineData("link to file", "content")]
    [InlineData("link to directory/below", "below")]
    [InlineData(".dora-partial-0", "half a fi")]
    public async Task StatAndCat_Files_AreThere(string name, string content)
    {
        await using DoraClient client = await tree.Cluster.ConnectAsync();

        Assert.Equal(content.Length, (await client.StatAsync("/m/" + name)).Length);
        Assert.Equal(content, Encoding.UTF8.GetString(await client.ReadAllBytesAsync("/m/" + name)));
        Assert.Equal(content, (await RunAsync("cat", "/m/" + name)).Output);
    }

    [Fact]
    public async Task StatAndCat_AnyName_IsThere()
    {
        await using DoraClient client = await tree.Cluster.ConnectAsync();
        foreach (string name in EntryTree.OrdinaryNames)
        {
            Assert.Equal(name, Encoding.UTF8.GetString(await client.ReadAllBytesAsync("/m/" + name)));
        }
    }

    [Theory]
    [InlineData("link to nothing", (int)ExitCode.NotFound, "does not exist")]
    [InlineData("link to itself", (int)ExitCode.Usage, "Too many levels of symbolic links")]
    [InlineData("link to outside", (int)ExitCode.Usage, "leads out of the mount's root")]
    [InlineData("link to device", (int)ExitCode.Usage, "leads out of the mount's root")]
    [InlineData("fifo", (int)ExitCode.Failed, "is a FIFO")]
    [InlineData("socket", (int)ExitCode.Failed, "is a socket")]
    [InlineData("replaced\uFFFD", (int)ExitCode.Usage, "replacement character")]
    public async Task StatCatLoadAndGet_WhatIsLeftOut_SayWhy(string name, int code, string reason)
    {
        foreach (string command in (string[])["stat", "cat", "load", "get"])
        {
            string[] target = command == "get" ? [tree.Cluster.Aside("got")] : [];
            (await RunAsync([command, "/m/" + name, .. target])).AssertFailed((ExitCode)code, reason);
        }

        Assert.False(File.Exists(tree.Cluster.Aside("got")));
    }

    [Fact]
    public async Task Load_OfTheDirectory_TakesTheFilesAndTellsTheRest()
    {
        CommandLine load = await RunAsync("load", "/m", "--json");

        Assert.True(load.Code == ExitCode.Ok, load.Error);
        Assert.Equal(EntryTree.OrdinaryNames.Length + 6, load.Json.GetProperty("filesDone").GetInt32());
        Assert.Equal(
            ["alreadyVisited", "brokenLink", "fifo", "invalidName", "outsideLink", "socket", "unfinished"],
            load.Json.GetProperty("skipped").EnumerateArray().Select(static s => s.GetProperty("reason").GetString()!).Order(StringComparer.Ordinal));
        Assert.Contains("FIFO", (await RunAsync("load", "/m")).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Get_OfTheDirectory_CopiesTheFilesAndTellsTheRest()
    {
        string target = tree.Cluster.Aside("copy");

        CommandLine get = await RunAsync("get", "/m", target, "--json");

        Assert.True(get.Code == ExitCode.Ok, get.Error);
        Assert.Equal(
            EntryTree.OrdinaryNames.Concat(["file", "empty", "sparse", "hard link", "link to file", "directory", "empty directory"]).Order(StringComparer.Ordinal),
            Directory.GetFileSystemEntries(target).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(EntryTree.OrdinaryNames, name => Assert.Equal(name, File.ReadAllText(Path.Combine(target, name))));
        Assert.Null(new FileInfo(Path.Combine(target, "link to file")).LinkTarget);
        Assert.Equal(("content", "below"), (File.ReadAllText(Path.Combine(target, "link to file")), File.ReadAllText(Path.Combine(target, "directory/below"))));
        Assert.Equal(
            ["alreadyVisited", "brokenLink", "fifo", "invalidName", "outsideLink", "socket", "unfinished"],
            get.Json.GetProperty("skipped").EnumerateArray().Select(static s => s.GetProperty("reason").GetString()!).Order(StringComparer.Ordinal));
    }

    private static string Told(JsonElement skipped)
    {
        IEnumerable<string> names = skipped.GetProperty("names").EnumerateArray().Select(static n => n.GetString()!).Order(StringComparer.Ordinal);
        return $"{skipped.GetProperty("reason").GetString()} {skipped.GetProperty("count").GetInt32()}: {string.Join(", ", names)}";
    }

    private Task<CommandLine> RunAsync(params string[] arguments) => CommandLine.RunAsync([.. arguments, "--data", tree.Cluster.ClusterPath]);
}
