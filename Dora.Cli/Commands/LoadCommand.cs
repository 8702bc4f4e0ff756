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
        var command = new Command("load", "Brings a file, or everything below a directory, into the workers; Ctrl-C leaves the job running. Example: dora load /data") { path, parallelism };
        runner.Bind(command, (context, cancellationToken) => RunAsync(
            context, context.Parsed.GetRequiredValue(path), context.Parsed.GetValue(parallelism), cancellationToken));
        return command;
    }

    /// <summary>Starts a load job and shows its progress until it ends.</summary>
    public static Task<LoadJobStatus> WatchAsync(DoraClient client, Terminal terminal, LoadJobSpec spec, CancellationToken cancellationToken) =>
        Output.Progress.OfFractionAsync(terminal, $"loading {spec.Path}", async report =>
        {
            LoadJobStatus status = await client.StartLoadAsync(spec, cancellationToken);
            while (status.State == LoadJobState.Running)
            {
                status = await client.WaitForLoadAsync(status, cancellationToken);
                double share = status.BytesFound == 0 ? 0 : (double)status.BytesDone / status.BytesFound;
                report(
                    status.ListingComplete ? share : Math.Min(share, 0.99),
                    $"{Format.Count(status.FilesDone)}/{Format.Count(status.FilesFound)} files, {Format.Bytes(status.BytesDone)}");
            }

            return status;
        });

    private static async Task<ExitCode> RunAsync(CommandContext context, string path, int parallelism, CancellationToken cancellationToken)
    {
        if (parallelism is < 1 or > 256)
        {
            throw new DoraException(DoraErrorCode.InvalidArgument, $"--parallelism {parallelism} is not 1 to 256");
        }

        await using DoraClient client = await context.ConnectAsync(cancellationToken);
        LoadJobStatus status = await WatchAsync(client, context.Terminal, new LoadJobSpec(path, parallelism), cancellationToken);
        context.Terminal.Result(status, console => console.MarkupLineInterpolated(
            $"{status.State}: {Format.Count(status.FilesDone)} files, {Format.Bytes(status.BytesDone)}, {Format.Count(status.FilesFailed)} failed, {Format.Duration((status.EndedAt ?? status.StartedAt) - status.StartedAt)}"));
        foreach (string failure in status.Failures)
        {
            context.Terminal.Problem(failure);
        }

        return status.State == LoadJobState.Succeeded ? ExitCode.Ok : ExitCode.Failed;
    }
}
