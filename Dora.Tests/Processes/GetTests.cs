using System.Text.Json;
using Dora.Cli;
using Dora.Client;
using Dora.Tests.Cli;

namespace Dora.Tests.Processes;

/// <summary><c>dora get</c> of directories: what cannot be copied is named and the rest comes, nothing else on the machine is touched, an earlier copy is gone on with.</summary>
[Trait("Category", "Process")]
public sealed class GetTests(ProcessCluster cluster) : IClassFixture<ProcessCluster>, IAsyncLifetime
{
    private static readonly string[] Names = ["a", "b/c", "b/d/e", "b/d/large", "z"];

    private readonly DirectoryInfo _temporary = Directory.CreateTempSubdirectory("dora-get-");
    private readonly string _mount = "/m" + Guid.NewGuid().ToString("N");

    private string Source => Path.Combine(_temporary.FullName, "source");

    private string Target => Path.Combine(_temporary.FullName, "target");

    public async Task InitializeAsync()
    {
        var random = new Random(5);
        foreach (string name in Names)
        {
            byte[] content = new byte[name == "b/d/large" ? 40_000_001 : 1000 + random.Next(100_000)];
            random.NextBytes(content);
            string file = Path.Combine(Source, name);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            await File.WriteAllBytesAsync(file, content);
            File.SetLastWriteTimeUtc(file, new DateTime(2024, 5, 6, 7, 8, 9, DateTimeKind.Utc).AddTicks(random.Next(10_000_000)));
        }

        await using DoraClient client = await cluster.ConnectAsync();
        await client.Mounts.AddAsync(_mount, Source, freshness: "validate-on-open");
    }

    public Task DisposeAsync()
    {
        _temporary.Delete(recursive: true);
        return Task.CompletedTask;
    }

    [Fact]
    public async Task Tree_ComesWholeWithItsTimes_AndNothingElse()
    {
        JsonElement result = (await OkAsync(Target)).Json;

        Assert.Equal((Names.Length, 0L), (result.GetProperty("files").GetInt64(), result.GetProperty("failed").GetInt64()));
        AssertCopied(Names);
        Assert.All(Names, name => Assert.Equal(File.GetLastWriteTimeUtc(Path.Combine(Source, name)), File.GetLastWriteTimeUtc(Path.Combine(Target, name))));
        Assert.Equal(Names.Order(StringComparer.Ordinal), FilesIn(Target));
    }

    [Fact]
    public async Task FilesThatCannotBeCopied_AreNamed_TheRestComes()
    {
        Directory.CreateDirectory(Path.Combine(Target, "z"));
        await File.WriteAllTextAsync(Path.Combine(Target, "a"), "the user's own");

        CommandLine run = await RunAsync(Target);

        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Equal((3L, 2L), (run.Json.GetProperty("files").GetInt64(), run.Json.GetProperty("failed").GetInt64()));
        Assert.Contains(Path.Combine(Target, "a"), run.Error, StringComparison.Ordinal);
        Assert.Contains(Path.Combine(Target, "z"), run.Error, StringComparison.Ordinal);
        AssertCopied("b/c", "b/d/e", "b/d/large");
        Assert.Equal("the user's own", await File.ReadAllTextAsync(Path.Combine(Target, "a")));
        Assert.Equal(["a", "b/c", "b/d/e", "b/d/large"], FilesIn(Target));
    }

    [Fact]
    public async Task LinksPlantedInTheTarget_LeadNoWriteOutOfIt()
    {
        string outside = Directory.CreateDirectory(Path.Combine(_temporary.FullName, "outside")).FullName;
        Directory.CreateDirectory(Target);
        Directory.CreateSymbolicLink(Path.Combine(Target, "b"), outside);
        await File.WriteAllTextAsync(Path.Combine(outside, "victim"), "the user's own");
        File.CreateSymbolicLink(Path.Combine(Target, "z"), Path.Combine(outside, "victim"));

        CommandLine run = await RunAsync(Target, "--force");

        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Contains("links below the target", run.Error, StringComparison.Ordinal);
        Assert.Equal(["victim"], FilesIn(outside));
        Assert.Equal("the user's own", await File.ReadAllTextAsync(Path.Combine(outside, "victim")));
        AssertCopied("a", "z");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task LinksInTheSource_EachDirectoryComesOnce(bool noFollow)
    {
        foreach (string link in (string[])["b/up", "b/here", "b/d/top"])
        {
            Directory.CreateSymbolicLink(Path.Combine(Source, link), Source);
        }

        File.CreateSymbolicLink(Path.Combine(Source, "b/same"), Path.Combine(Source, "b/c"));

        JsonElement result = (await OkAsync(Target, noFollow ? ["--no-follow"] : [])).Json;

        AssertCopied(Names);
        Assert.Equal(noFollow ? Names : Names.Append("b/same").Order(StringComparer.Ordinal), FilesIn(Target));
        JsonElement skipped = Assert.Single(result.GetProperty("skipped").EnumerateArray());
        Assert.Equal((noFollow ? "linkNotFollowed" : "alreadyVisited", noFollow ? 4L : 3L), (skipped.GetProperty("reason").GetString(), skipped.GetProperty("count").GetInt64()));
    }

    [Fact]
    public async Task TargetInTheSource_IsNotCopiedIntoItself()
    {
        string inside = Path.Combine(Source, "b", "copy");

        CommandLine run = await RunAsync(inside);

        Assert.Equal(ExitCode.Failed, run.Code);
        Assert.Contains("itself", run.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(inside, "b", "copy", "b")));
        CommandLine onItself = await RunAsync(Source);
        Assert.Equal(ExitCode.Usage, onItself.Code);
        Assert.Contains("itself", onItself.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Resume_LeavesAloneWhatIsThere_AndNamesWhatIsOther()
    {
        await OkAsync(Target);
        File.Delete(Path.Combine(Target, "b/c"));
        byte[] other = new byte[new FileInfo(Path.Combine(Source, "a")).Length];
        await File.WriteAllBytesAsync(Path.Combine(Target, "a"), other);

        CommandLine resumed = await RunAsync(Target, "--resume");
        Assert.Equal(ExitCode.Failed, resumed.Code);
        Assert.Equal((1L, 3L, 1L), Counts(resumed.Json));
        Assert.Equal(other, await File.ReadAllBytesAsync(Path.Combine(Target, "a")));

        Assert.Equal((1L, 4L, 0L), Counts((await OkAsync(Target, "--resume", "--force")).Json));
        AssertCopied(Names);
    }

    [Fact]
    public async Task Leftovers_GoWhenTheyAreOurs_AndStayWhenNot()
    {
        Directory.CreateDirectory(Target);
        string Name(char digit) => ".dora-" + new string(digit, 32);
        string own = "user's own";
        foreach (string name in (string[])[Name('1'), Name('2'), Name('3'), ".dora-mine", Name('4') + "0"])
        {
            await File.WriteAllTextAsync(Path.Combine(Target, name), own);
        }

        File.CreateSymbolicLink(Path.Combine(Target, Name('5')), Path.Combine(Source, "a"));
        Assert.Equal(0, Link(Path.Combine(Target, Name('3')), Path.Combine(Target, "second-name")));
        await using var written = new FileStream(Path.Combine(Target, Name('2')), FileMode.Open, FileAccess.Write, FileShare.None);

        await OkAsync(Target);

        string[] expected = [".dora-" + new string('2', 32), Name('3'), Name('4') + "0", Name('5'), ".dora-mine", "second-name"];
        Assert.Equal(expected, FilesIn(Target).Except(Names).Order(StringComparer.Ordinal));
    }

    private static (long Files, long Present, long Failed) Counts(JsonElement result) =>
        (result.GetProperty("files").GetInt64(), result.GetProperty("present").GetInt64(), result.GetProperty("failed").GetInt64());

    private static IEnumerable<string> FilesIn(string directory) =>
        Directory.EnumerateFiles(directory, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.None })
            .Select(f => Path.GetRelativePath(directory, f)).Order(StringComparer.Ordinal);

    private void AssertCopied(params string[] names) => Assert.All(
        names, name => Assert.True(File.ReadAllBytes(Path.Combine(Source, name)).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(Target, name))), name));

    private Task<CommandLine> RunAsync(string target, params string[] options) =>
        CommandLine.RunAsync(["get", _mount, target, "--json", "--data", cluster.Data, .. options]);

    private async Task<CommandLine> OkAsync(string target, params string[] options)
    {
        CommandLine run = await RunAsync(target, options);
        Assert.True(run.Code == ExitCode.Ok, $"{run.Code}: {run.Error}");
        return run;
    }

#pragma warning disable IDE1006, SYSLIB1054, CA2101, CA5392 // tests need no marshalling generator
    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "link", SetLastError = true)]
    private static extern int Link([System.Runtime.InteropServices.MarshalAs(System.Runtime.InteropServices.UnmanagedType.LPUTF8Str)] string from, [System.Runtime.InteropServices.MarshalAs(System.Runtime.InteropServices.UnmanagedType.LPUTF8Str)] string to);
#pragma warning restore IDE1006, SYSLIB1054, CA2101, CA5392
}
