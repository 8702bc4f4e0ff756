using System.Diagnostics;

namespace Dora.Tests.Packages;

/// <summary>The SDK that runs these tests, run once more in a folder; nothing of it stays behind.</summary>
internal static class DotnetCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Runs <c>dotnet</c> and returns what it wrote to standard output.</summary>
    public static async Task<string> RunAsync(string folder, params string[] arguments)
    {
        var info = new ProcessStartInfo(Program()) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }

        // What the outer dotnet told its own children is not meant for this one.
        foreach (string inherited in info.Environment.Keys.Where(static k => k.StartsWith("MSBUILD", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            info.Environment.Remove(inherited);
        }

        (info.Environment["MSBUILDDISABLENODEREUSE"], info.Environment["DOTNET_CLI_USE_MSBUILD_SERVER"], info.Environment["UseSharedCompilation"]) = ("1", "0", "false");
        using Process process = Process.Start(info)!;
        using var deadline = new CancellationTokenSource(Patience);
        Task<string> output = process.StandardOutput.ReadToEndAsync(deadline.Token);
        Task<string> error = process.StandardError.ReadToEndAsync(deadline.Token);
        try
        {
            await process.WaitForExitAsync(deadline.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }

        Assert.True(process.ExitCode == 0, $"dotnet {string.Join(' ', arguments)} ended with {process.ExitCode}:\n{await output}\n{await error}");
        return await output;
    }

    private static string Program() => Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet" ? Environment.ProcessPath! : "dotnet";
}
