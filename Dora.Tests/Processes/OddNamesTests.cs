using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Dora.Tests.Cli;

namespace Dora.Tests.Processes;

/// <summary>Names that would do something to a terminal, times at the edge, and locales that are not UTF-8.</summary>
[Trait("Category", "Process")]
public sealed class OddNamesTests(ProcessCluster cluster) : IClassFixture<ProcessCluster>
{
    private const string Clears = "a\u001b[2Jclears";
    private const string Forges = "b\nforges: a line";
    private const string Hides = "c\u202egpj.exe";
    private const string Umlaut = "größe.txt";

    [Fact]
    public async Task Names_WithControlCharacters_AreQuotedForPeopleAndExactForPrograms()
    {
        string directory = Path.Combine(cluster.Source, "odd\u0007");
        Directory.CreateDirectory(directory);
        foreach (string name in (string[])[Clears, Forges, Hides])
        {
            await File.WriteAllTextAsync(Path.Combine(directory, name), name);
        }

        string target = Path.Combine(directory, "..", "..", "got\u0007");
        CommandLine[] shown =
        [
            await RunAsync("ls", "/files"),
            await RunAsync("ls", "/files/odd\u0007"),
            await RunAsync("stat", "/files/odd\u0007/" + Clears),
            await RunAsync("stat", "/files/odd\u0007/" + Clears + "x"),
            await RunAsync("cat", "/files/odd\u0007"),
            await RunAsync("load", "/files/odd\u0007"),
            await RunAsync("load", "/files/odd\u0007/none"),
            await RunAsync("get", "/files/odd\u0007", target),
            await RunAsync("free", "/files/odd\u0007/" + Forges),
            await RunAsync("mount", "add", "/odd\u0007", directory),
            await RunAsync("mount", "list"),
            await RunAsync("pin", "/odd\u0007/" + Forges),
            await RunAsync("pins"),
            await RunAsync("unpin", "/odd\u0007/" + Forges),
            await RunAsync("stat", "no\u0007slash"),
            await RunAsync("no\u0007command"),
            await RunAsync("mount", "remove", "/odd\u0007"),
        ];

        Assert.All(shown, static run => Assert.DoesNotContain(run.Output + run.Error, IsControl));
        Assert.Equal(3, shown[1].Output.TrimEnd('\n').Split('\n').Length);
        Assert.Contains(@"'a'$'\033''[2Jclears'", shown[1].Output, StringComparison.Ordinal);
        Assert.Contains(@"'b'$'\n''forges: a line'", shown[1].Output, StringComparison.Ordinal);
        Assert.Equal([Clears, Forges, Hides], Names(await RunAsync("ls", "/files/odd\u0007", "--json")));
    }

    [Theory]
    [InlineData("C")]
    [InlineData("en_US.ISO-8859-1")]
    public async Task Json_InAnyLocale_IsUtf8(string locale)
    {
        string directory = Path.Combine(cluster.Source, "utf8-" + locale);
        Directory.CreateDirectory(directory);
        await File.WriteAllTextAsync(Path.Combine(directory, Umlaut), "x");

        (byte[] output, byte[] error) = await ShellAsync($"LC_ALL={locale} dotnet exec '{UpProcess.Dora}' ls '/files/utf8-{locale}' --json --data '{cluster.Data}'; LC_ALL={locale} dotnet exec '{UpProcess.Dora}' stat '/files/kein {Umlaut}' --data '{cluster.Data}'");

        Assert.Contains(Umlaut, new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(output), StringComparison.Ordinal);
        Assert.Contains(Umlaut, new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(error), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Time_AtTheEpoch_IsATime_AndNoTimeIsNone()
    {
        string file = Path.Combine(cluster.Source, "reproducible.tar");
        await File.WriteAllTextAsync(file, "content");
        File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch);

        CommandLine people = await RunAsync("stat", "/files/reproducible.tar");
        JsonElement program = (await RunAsync("stat", "/files/reproducible.tar", "--json")).Json;
        JsonElement root = (await RunAsync("stat", "/", "--json")).Json;

        Assert.Contains($"modified  {DateTimeOffset.UnixEpoch.ToLocalTime():yyyy-MM-dd HH:mm:ss}", people.Output, StringComparison.Ordinal);
        Assert.Equal(DateTimeOffset.UnixEpoch, program.GetProperty("lastModified").GetDateTimeOffset());
        Assert.Equal(JsonValueKind.Null, root.GetProperty("lastModified").ValueKind);
        Assert.Contains("modified  -", (await RunAsync("stat", "/")).Output, StringComparison.Ordinal);
    }

    private static bool IsControl(char c) => (char.IsControl(c) && c != '\n') || c is '\u202e';

    private static IEnumerable<string> Names(CommandLine ls) =>
        ls.Json.GetProperty("entries").EnumerateArray().Select(static e => Path.GetFileName(e.GetProperty("path").GetString()!)).Order(StringComparer.Ordinal);

    private static async Task<(byte[] Output, byte[] Error)> ShellAsync(string script)
    {
        using Process shell = Process.Start(new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        using var output = new MemoryStream();
        using var error = new MemoryStream();
        await Task.WhenAll(shell.StandardOutput.BaseStream.CopyToAsync(output), shell.StandardError.BaseStream.CopyToAsync(error));
        await shell.WaitForExitAsync();
        return (output.ToArray(), error.ToArray());
    }

    private Task<CommandLine> RunAsync(params string[] arguments) => CommandLine.RunAsync([.. arguments, "--data", cluster.Data]);
}
