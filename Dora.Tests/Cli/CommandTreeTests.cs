using System.CommandLine;
using System.Text.Json;
using Dora.Cli;

namespace Dora.Tests.Cli;

public sealed class CommandTreeTests
{
    [Fact]
    public void Commands_AllHaveHelpWithAnExample()
    {
        var runner = new CommandRunner(TextWriter.Null, TextWriter.Null);

        Assert.All(Leaves(CommandTree.Create(runner)), static c =>
            Assert.Contains($"Example: dora {Words(c)}", c.Description, StringComparison.Ordinal));
    }

    [Fact]
    public void ExitCodes_AreFrozen()
    {
        // Scripts depend on these numbers: add at the end, change none.
        string[] frozen = ["Ok=0", "Failed=1", "Usage=2", "NotFound=3", "Denied=4", "Unavailable=5", "Configuration=6", "AlreadyExists=7", "WrongData=8", "Incomplete=9", "Interrupted=130", "OutputClosed=141"];

        Assert.Equal(frozen, Enum.GetValues<ExitCode>().Select(static c => $"{c}={(int)c}"));
    }

    [Theory]
    [InlineData("frobnicate")]
    [InlineData("stat", "/x", "--no-such-option")]
    [InlineData("stat")]
    [InlineData("mount")]
    [InlineData("up", "--workers", "many")]
    public async Task CommandLine_IsWrong_OneLineAndUsageCode(params string[] arguments)
    {
        CommandLine run = await CommandLine.RunAsync(arguments);

        run.AssertFailed(ExitCode.Usage, "--help");
        Assert.DoesNotContain(".:", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("usage", 2, "stat", "--json")]
    [InlineData("invalidArgument", 2, "cat", "/x", "--offset", "-1", "--json")]
    [InlineData("unavailable", 5, "ls", "/", "--data", "/no/such/cluster", "--json")]
    public async Task Error_ForPrograms_IsOneObject(string code, int exitCode, params string[] arguments)
    {
        CommandLine run = await CommandLine.RunAsync(arguments);

        JsonElement error = run.Json.GetProperty("error");
        Assert.Equal((code, exitCode, exitCode), (error.GetProperty("code").GetString(), error.GetProperty("exitCode").GetInt32(), (int)run.Code));
        Assert.NotEmpty(error.GetProperty("message").GetString()!);
        Assert.True(error.TryGetProperty("hint", out _));
    }

    [Theory]
    [InlineData("up", "--workers", "0")]
    [InlineData("up", "--page-capacity", "lots")]
    [InlineData("up", "--page-dir", "/x")]
    [InlineData("up", "--page-dir", "/x=lots")]
    [InlineData("up", "--mount", "nonsense")]
    [InlineData("demo", "--workers", "1")]
    [InlineData("cat", "/x", "--offset", "-1")]
    [InlineData("load", "/x", "--parallelism", "1000")]
    [InlineData("mount", "add", "/x", "/y", "--quota", "lots")]
    [InlineData("mount", "add", "/x", "/y", "--page-ttl", "soon")]
    [InlineData("mount", "set", "/x", "--quota", "1000")]
    [InlineData("mount", "set", "/x", "--fetch-size", "100000")]
    [InlineData("mount", "set", "/x", "--freshness", "sometimes")]
    [InlineData("mount", "set", "/x", "--replicas", "9")]
    [InlineData("mount", "set", "/x")]
    [InlineData("pin", "/x", "--share", "90%")]
    public async Task Argument_IsOutOfRange_OneLineAndUsageCode(params string[] arguments)
    {
        CommandLine run = await CommandLine.RunAsync(arguments);

        run.AssertFailed(ExitCode.Usage);
    }

    [Fact]
    public async Task Version_Json_IsOneObject()
    {
        CommandLine run = await CommandLine.RunAsync("version", "--json");

        Assert.Equal(ExitCode.Ok, run.Code);
        Assert.Matches(@"^\d+\.\d+\.\d+", run.Json.GetProperty("dora").GetString());
        Assert.Empty(run.Error);
    }

    [Fact]
    public async Task Cluster_IsNotThere_SaysHowToStartOne()
    {
        CommandLine run = await CommandLine.RunAsync("ls", "/", "--data", Path.Combine(Path.GetTempPath(), "dora-no-such-cluster"));

        run.AssertFailed(ExitCode.Unavailable, "dora up", "--data");
    }

    [Fact]
    public async Task Demo_DirectoryIsNotThere_SaysSo()
    {
        CommandLine run = await CommandLine.RunAsync("demo", "--dir", "/no/such/directory");

        run.AssertFailed(ExitCode.NotFound, "/no/such/directory", "--dir");
    }

    private static IEnumerable<Command> Leaves(Command command) =>
        command.Subcommands.Count == 0 ? [command] : command.Subcommands.SelectMany(Leaves);

    private static string Words(Command command) =>
        string.Join(' ', command.Parents.OfType<Command>().Where(static c => c is not RootCommand).Select(static c => c.Name).Append(command.Name));
}
