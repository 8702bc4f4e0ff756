using System.CommandLine;
using Dora.Cli.Doctor;

namespace Dora.Cli.Commands;

internal static class DoctorCommand
{
    public static Command Create(CommandRunner runner)
    {
        var command = new Command("doctor", "Checks this machine and the cluster, and says how to mend what is wrong; exit code 1 when something is. Example: dora doctor --json");
        runner.Bind(command, RunAsync);
        return command;
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        List<Finding> findings = [.. MachineChecks.Run(Path.GetFullPath(context.DataDirectory)), .. await ClusterChecks.RunAsync(context, cancellationToken)];
        bool isHealthy = !findings.Exists(static f => f.State == FindingState.Bad);
        context.Terminal.Result(new { Healthy = isHealthy, Findings = findings }, console => FindingText.Write(console, findings));
        return isHealthy ? ExitCode.Ok : ExitCode.Failed;
    }
}
