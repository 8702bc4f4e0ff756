using System.CommandLine;
using Dora.Cli.Output;
using Dora.Client;
using Dora.Interfaces;

namespace Dora.Cli.Commands;

internal static class LsCommand
{
    public static Command Create(CommandRunner runner)
    {
        Argument<string> path = PathArgument.OrRoot;
        var command = new Command("ls", "The entries of a directory. Example: dora ls /data") { path };
        runner.Bind(command, (context, cancellationToken) => RunAsync(context, context.Parsed.GetRequiredValue(path), cancellationToken));
        return command;
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, string path, CancellationToken cancellationToken)
    {
        await using DoraClient client = await context.ConnectAsync(cancellationToken);
        await context.Terminal.ResultsAsync(client.ListAsync(path, cancellationToken), StatCommand.View, Line);
        return ExitCode.Ok;
    }

    private static string Line(FileStat entry)
    {
        bool directory = entry.Kind == FileKind.Directory;
        return $"{(directory ? "-" : Format.Bytes(entry.Length)),12}  {Format.Time(entry.LastModified),-19}  {entry.Name}{(directory ? "/" : string.Empty)}";
    }
}
