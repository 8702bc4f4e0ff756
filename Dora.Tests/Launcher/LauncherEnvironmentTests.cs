using System.Diagnostics;
using Dora.Tests.Architecture;
using Dora.Tests.Doubles;

namespace Dora.Tests.Launcher;

/// <summary>The launcher where it is started from elsewhere than a login shell. A stand-in for <c>dotnet</c> says what it was called with.</summary>
[System.Runtime.Versioning.SupportedOSPlatform("linux")]
public sealed class LauncherEnvironmentTests : IDisposable
{
    private readonly TempDirectory _clone = new();

    public LauncherEnvironmentTests()
    {
        File.Copy(Path.Combine(Repository.Root, "dora"), _clone["dora"]);
        _clone.Write("dotnet/dotnet", """
            #!/usr/bin/env bash
            case $1 in
              --version) echo 10.0.100 ;;
              build) [ -n "${HOME:-}" ] || { echo "error: no HOME" >&2; exit 1; }; [ -w "${DOTNET_CLI_HOME:-$HOME}" ] || { echo "error: read-only home" >&2; exit 1; } ;;
              exec) shift; echo "pwd=$PWD limit=$(ulimit -Sn) run=$*" ;;
            esac
            """u8);
        foreach (string program in (string[])["dora", "dotnet/dotnet"])
        {
            File.SetUnixFileMode(_clone[program], UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    public void Dispose() => _clone.Dispose();

    [Theory]
    [InlineData("env -u HOME")]
    [InlineData("env HOME=")]
    [InlineData("env HOME=/proc")]
    [InlineData("env HOME=/no/such/home")]
    [InlineData("env -i")]
    public async Task Home_IsMissingOrReadOnly_Runs(string environment)
    {
        (int code, string output, string error) = await ShellAsync($"{environment} DOTNET_ROOT='{_clone["dotnet"]}' PATH=\"$PATH\" '{_clone["dora"]}' version");

        Assert.True(code == 0, error);
        Assert.EndsWith("Dora.Cli/release/dora.dll version\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Launcher_ThroughALinkFromAnotherDirectory_RunsThere()
    {
        Directory.CreateDirectory(_clone["bin"]);
        Directory.CreateDirectory(_clone["work dir"]);
        File.CreateSymbolicLink(_clone["bin/first"], "../dora");
        File.CreateSymbolicLink(_clone["bin/dora"], "first");

        (int code, string output, string error) = await ShellAsync($"cd '{_clone["work dir"]}' && DOTNET_ROOT='{_clone["dotnet"]}' PATH=\"{_clone["bin"]}:$PATH\" dora get /a 'b c'");

        Assert.True(code == 0, error);
        Assert.StartsWith($"pwd={_clone["work dir"]} ", output, StringComparison.Ordinal);
        Assert.EndsWith($"run={_clone["artifacts/bin/Dora.Cli/release/dora.dll"]} get /a b c\n", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task OpenFiles_SoftLimitIsLow_IsRaised()
    {
        (int code, string output, string error) = await ShellAsync($"ulimit -Sn 64; DOTNET_ROOT='{_clone["dotnet"]}' '{_clone["dora"]}' version");

        Assert.True(code == 0, error);
        Assert.DoesNotContain("limit=64 ", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(128)]
    [InlineData(255)]
    public async Task OpenFiles_LimitIsLow_SaysWhichOne(int limit)
    {
        (int code, _, string error) = await ShellAsync($"ulimit -n {limit}; DOTNET_ROOT='{_clone["dotnet"]}' '{_clone["dora"]}' version");

        Assert.Equal(6, code);
        Assert.StartsWith($"dora: the limit on open files is {limit} and dora needs 256", error, StringComparison.Ordinal);
        Assert.Contains("ulimit -n", error, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Error)> ShellAsync(string script)
    {
        using Process shell = Process.Start(new ProcessStartInfo("bash", ["-c", script]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        Task<string> output = shell.StandardOutput.ReadToEndAsync();
        string error = await shell.StandardError.ReadToEndAsync();
        await shell.WaitForExitAsync();
        return (shell.ExitCode, await output, error);
    }
}
