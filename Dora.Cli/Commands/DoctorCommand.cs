using System.CommandLine;
using Dora.Cli.Doctor;
using Dora.Cli.Output;
using Spectre.Console;

namespace Dora.Cli.Commands;

internal static class DoctorCommand
{
    public static Command Create(CommandRunner runner)
    {
        var command = new Command("doctor", "Checks this machine and the cluster, and says how to mend what is wrong. Example: dora doctor --json");
        runner.Bind(command, RunAsync);
        return command;
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        List<Finding> findings = [];
        findings.AddRange(MachineChecks.Run(Path.GetFullPath(context.DataDirectory)));
        findings.AddRange(await ClusterChecks.RunAsync(context, cancellationToken));
        context.Terminal.Result(new { Healthy = !findings.Exists(static f => f.State == FindingState.Bad), Findings = findings }, console =>
        {
            var table = new Table().Border(TableBorder.Simple).AddColumns("check", "state", "detail", "what to do");
            foreach (Finding finding in findings)
            {
                table.AddRow(Format.TextCell(finding.Check), Colored(finding.State), Format.TextCell(finding.Detail), Format.TextCell(finding.Fix ?? string.Empty));
            }

            console.Write(table);
        });
        return findings.Exists(static f => f.State == FindingState.Bad) ? ExitCode.Failed : ExitCode.Ok;
    }

    private static string Colored(FindingState state) => state switch
    {
        FindingState.Good => "[green]good[/]",
        FindingState.Note => "[yellow]note[/]",
        _ => "[red]bad[/]",
    };
}
