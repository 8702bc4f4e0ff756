using System.CommandLine;
using System.Reflection;
using System.Runtime.InteropServices;

namespace Dora.Cli.Commands;

internal static class VersionCommand
{
    public static Command Create(CommandRunner runner)
    {
        var command = new Command("version", "Dora's version and what it runs on. Example: dora version --json");
        runner.Bind(command, static (context, _) =>
        {
            var version = new
            {
                Dora = Version,
                Runtime = RuntimeInformation.FrameworkDescription,
                Platform = RuntimeInformation.RuntimeIdentifier,
            };
            context.Terminal.Result(version, _ => context.Terminal.Output.WriteLine($"dora {version.Dora} ({version.Runtime}, {version.Platform})"));
            return Task.FromResult(ExitCode.Ok);
        });
        return command;
    }

    /// <summary>For example <c>0.1.0</c>.</summary>
    public static string Version { get; } =
        typeof(VersionCommand).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";
}
