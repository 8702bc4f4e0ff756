using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dora.Cli;
using Dora.Tests.Architecture;

namespace Dora.Tests.Cli;

/// <summary>What <c>docs/cli.md</c> says is complete: commands, exit codes and which error has which, environment variables.</summary>
public sealed partial class CliDocumentTests
{
    private static readonly string Document = Repository.Read("docs/cli.md");

    private static readonly Dictionary<int, string> Rows = Row().Matches(Document).ToDictionary(static m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture), static m => m.Groups[2].Value);

    [Fact]
    public void ExitCodes_AllStandThere_AndNoOther() =>
        Assert.Equal(Enum.GetValues<ExitCode>().Select(static c => (int)c).Order(), Rows.Keys.Order());

    [Fact]
    public void ErrorCodes_AllStandAtTheExitCodeThatTheyHave()
    {
        IEnumerable<DoraErrorCode> errors = Enum.GetValues<DoraErrorCode>().Where(static c => c != DoraErrorCode.None);

        Assert.All(errors, static code => Assert.Contains(JsonNamingPolicy.CamelCase.ConvertName(code.ToString()), Rows[(int)ExitCodes.Of(code)].Split(", ")));
    }

    [Fact]
    public void Commands_AllStandThere() =>
        Assert.All(Leaves(CommandTree.Create(new CommandRunner(TextWriter.Null, TextWriter.Null))), static words => Assert.Contains($"{words}`", Document, StringComparison.Ordinal));

    [Fact]
    public void Variables_AllStandThere()
    {
        string[] variables = [.. Repository.Files(".", "*.cs")
            .Where(static f => ((string[])["Dora.Cli", "Dora.Client", "Dora.Core", "Dora.LocalCluster", "Dora.Silo"]).Any(p => f.Contains(p + "/", StringComparison.Ordinal)))
            .SelectMany(static f => Variable().Matches(Repository.Read(f)).Select(static m => m.Groups[1].Value)).Distinct()];

        Assert.Contains("DORA_DATA", variables);
        Assert.All(variables, static name => Assert.Contains($"`{name}`", Document, StringComparison.Ordinal));
    }

    private static IEnumerable<string> Leaves(Command command) => command.Subcommands.Count == 0
        ? [string.Join(' ', command.Parents.OfType<Command>().Where(static c => c is not RootCommand).Select(static c => c.Name).Append(command.Name))]
        : command.Subcommands.SelectMany(Leaves);

    [GeneratedRegex(@"^\| (\d+) \| .* \| ([^|]*) \|$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex("\"(DORA_[A-Z_]+)\"")]
    private static partial Regex Variable();
}
