using System.CommandLine;
using Dora.Cli.Output;
using Dora.Client;
using Dora.Interfaces;
using Spectre.Console;

namespace Dora.Cli.Commands;

internal static class LoadCommand
{
    public static Command Create(CommandRunner runner)
    {
        Argument<string> path = PathArgument.Required;
        var parallelism = new Option<int>("--parallelism") { Description = "Files loaded at the same time, 1 to 256.", DefaultValueFactory = static _ => 16 };
        var command = new Command("load", "Brings a file, or everything below a directory, into the workers; Ctrl-C stops the job and keeps what is loaded. Example: dora load /data") { path, parallelism };
        runner.Bind(command, (context, cancellationToken) => RunAsync(
            context, context.Parsed.GetRequiredValue(path), context.Parsed.GetValue(parallelism), cancellationToken));
        return command;
    }

    /// <summary>Starts a load job and shows its progress until it ends.</summary>
    public static Task<LoadJobStatus> WatchAsync(DoraClient client, Terminal terminal, string path, int parallelism, CancellationToken cancellationToken) =>
        Output.Progress.OfFractionAsync(
            terminal, $"loading {path}", report => client.Jobs.LoadAsync(path, parallelism, new LoadProgress(report), cancellationToken));

    private static async Task<ExitCode> RunAsync(CommandContext context, string path, int parallelism, CancellationToken cancellationToken)
    {
        if (parallelism is < 1 or > 256)
        {
            throw new DoraException(DoraErrorCode.InvalidArgument, $"--parallelism {parallelism} is not 1 to 256");
        }

        await using DoraClient client = await context.ConnectAsync(cancellationToken);
        LoadJobStatus status = await WatchAsync(client, context.Terminal, path, parallelism, cancellationToken);
        context.Terminal.Result(status, console => console.MarkupLineInterpolated(
            $"{status.State}: {Format.Count(status.FilesDone)} files, {Format.Bytes(status.BytesDone)}, {Format.Count(status.FilesFailed)} failed, {Format.Duration((status.EndedAt ?? status.StartedAt) - status.StartedAt)}"));
        foreach (string failure in status.Failures)
        {
            context.Terminal.Problem(failure);
        }

        return status.State == LoadJobState.Succeeded ? ExitCode.Ok : ExitCode.Failed;
    }

    /// <summary>Turns a job's status into a bar. Reports on the caller's thread: the bar must be up to date when the work ends.</summary>
    private sealed class LoadProgress(Action<double, string> report) : IProgress<LoadJobStatus>
    {
        public void Report(LoadJobStatus value)
        {
            double share = value.BytesFound == 0 ? 0 : (double)value.BytesDone / value.BytesFound;
            report(
                value.ListingComplete ? share : Math.Min(share, 0.99),
                $"{Format.Count(value.FilesDone)}/{Format.Count(value.FilesFound)} files, {Format.Bytes(value.BytesDone)}");
        }
    }
}
