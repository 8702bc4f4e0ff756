using System.CommandLine;
using Dora.Cli.Demo;

namespace Dora.Cli.Commands;

internal static class DemoCommand
{
    public static Command Create(CommandRunner runner)
    {
        var directory = new Option<string?>("--dir") { Description = "The directory to serve (default: the .NET SDK's own).", HelpName = "D" };
        var workers = new Option<int>("--workers") { Description = "How many workers, 2 to 16.", DefaultValueFactory = static _ => 3 };
        var command = new Command("demo", "Serves a real directory through workers on this machine, checks every byte, kills a worker on the way. Example: dora demo --dir /usr/share/doc") { directory, workers };
        runner.Bind(command, (context, cancellationToken) => RunAsync(
            context, context.Parsed.GetValue(directory) ?? SdkDirectory(), context.Parsed.GetValue(workers), cancellationToken));
        return command;
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, string directory, int workers, CancellationToken cancellationToken)
    {
        WorkersNeed.ThrowIfMissing();
        if (workers is < 2 or > 16)
        {
            throw new DoraException(DoraErrorCode.InvalidArgument, $"--workers {workers} is not 2 to 16: one is killed on the way");
        }

        if (!Directory.Exists(directory))
        {
            throw new DoraException(DoraErrorCode.NotFound, $"directory '{directory}' is not there: name another with --dir");
        }

        DemoReport report = await new DemoRun(context.Terminal, TimeProvider.System).RunAsync(Path.GetFullPath(directory), workers, cancellationToken);
        context.Terminal.Result(report, report.Render);
        return report.IsRight ? ExitCode.Ok : ExitCode.WrongData;
    }

    /// <summary>The newest SDK beside the runtime that runs this: hundreds of megabytes in thousands of files, on every machine that builds Dora.</summary>
    private static string SdkDirectory()
    {
        string root = Environment.GetEnvironmentVariable("DOTNET_ROOT") is { Length: > 0 } configured
            ? configured
            : Path.GetFullPath(Path.Combine(System.Runtime.InteropServices.RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        string sdks = Path.Combine(root, "sdk");
        string? newest = Directory.Exists(sdks) ? Directory.GetDirectories(sdks).OrderDescending(StringComparer.Ordinal).FirstOrDefault() : null;
        return newest ?? throw new DoraException(DoraErrorCode.NotFound, $"no SDK directory in '{sdks}': name a directory to serve with --dir");
    }
}
