using System.Diagnostics;
using Dora.Tests.Architecture;
using Dora.Tests.Doubles;

namespace Dora.Tests.Launcher;

/// <summary>The bash launcher's own answers; what it runs after them is tested elsewhere.</summary>
public sealed class LauncherTests
{
    private static readonly string Script = Path.Combine(Repository.Root, "dora");

    [Fact]
    public async Task Help_NamesEveryVerb()
    {
        (int code, string output, _) = await RunAsync(Script, null, "help");

        Assert.Equal(0, code);
        Assert.All(["demo", "test", "build", "bench", "clean", "up", "mount", "doctor"], verb => Assert.Contains(verb, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sdk_IsMissing_SaysTheVersionWanted()
    {
        using var empty = new TempDirectory();
        foreach (string tool in (string[])["dirname", "readlink"])
        {
            File.CreateSymbolicLink(empty[tool], Path.Combine("/usr/bin", tool));
        }

        (int code, _, string error) = await RunAsync(
            Script, new Dictionary<string, string?> { ["PATH"] = empty.Path, ["HOME"] = empty.Path, ["DOTNET_ROOT"] = null }, "version");

        AssertOneLine(code, error, ".NET SDK 10", "install");
    }

    [Fact]
    public async Task Sdk_IsTooOld_SaysWhatIsThere()
    {
        using var clone = new TempDirectory();
        File.Copy(Script, clone["dora"]);
        clone.Write("global.json", """{ "sdk": { "version": "99.0.100", "rollForward": "latestFeature" } }"""u8);

        (int code, _, string error) = await RunAsync(clone["dora"], null, "build");

        AssertOneLine(code, error, ".NET SDK 10", "has only");
    }

    private static void AssertOneLine(int code, string error, params string[] said)
    {
        Assert.NotEqual(0, code);
        string line = error.TrimEnd('\n');
        Assert.False(line.Contains('\n', StringComparison.Ordinal), $"more than one line: {line}");
        Assert.All(said, text => Assert.Contains(text, line, StringComparison.Ordinal));
    }

    private static async Task<(int Code, string Output, string Error)> RunAsync(string script, Dictionary<string, string?>? environment, params string[] arguments)
    {
        var info = new ProcessStartInfo("/bin/bash") { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (string argument in (string[])[script, .. arguments])
        {
            info.ArgumentList.Add(argument);
        }

        foreach ((string name, string? value) in environment ?? [])
        {
            info.Environment[name] = value;
        }

        using Process process = Process.Start(info)!;
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        Task<string> output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        string error = await process.StandardError.ReadToEndAsync(deadline.Token);
        await process.WaitForExitAsync(deadline.Token);
        return (process.ExitCode, await output, error);
    }
}
