using System.Text.Json;
using Dora.Cli;

namespace Dora.Tests.Cli;

/// <summary>A command line run in memory: exit code and both outputs.</summary>
internal sealed record CommandLine(ExitCode Code, string Output, string Error)
{
    public JsonElement Json => JsonSerializer.Deserialize<JsonElement>(Output);

    public static async Task<CommandLine> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        int code = await DoraCli.RunAsync(arguments, output, error);
        return new CommandLine((ExitCode)code, output.ToString(), error.ToString());
    }

    /// <summary>An error the way a person should see it: this code, nothing on stdout, one line on stderr that says these things.</summary>
    public void AssertFailed(ExitCode code, params string[] said)
    {
        string line = Error.TrimEnd('\n');
        Assert.True(Code == code, $"expected {code}, got {Code}: {Error}");
        Assert.Empty(Output);
        Assert.False(line.Contains('\n', StringComparison.Ordinal), $"more than one line: {line}");
        Assert.DoesNotContain("   at ", line, StringComparison.Ordinal);
        Assert.All(said, text => Assert.Contains(text, line, StringComparison.Ordinal));
    }
}
