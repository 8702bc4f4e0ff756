using System.CommandLine;
using Dora.Cli.Output;
using Dora.Client;

namespace Dora.Cli.Commands;

internal static class FreeCommand
{
    public static Command Create(CommandRunner runner)
    {
        Argument<string> path = PathArgument.Required;
        var metadata = new Option<bool>("--metadata") { Description = "Forget metadata too, so that the next open asks the store." };
        var command = new Command("free", "Drops what the workers have cached at and below a path; the store keeps its files. Example: dora free /data/old") { path, metadata };
        runner.Bind(command, (context, cancellationToken) => RunAsync(
            context, context.Parsed.GetRequiredValue(path), context.Parsed.GetValue(metadata), cancellationToken));
        return command;
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, string path, bool metadata, CancellationToken cancellationToken)
    {
        await using DoraClient client = await context.ConnectAsync(cancellationToken);
        FreeResult freed = await client.FreeAsync(path, metadata, cancellationToken);
        if (freed.Files + freed.Copies == 0)
        {
            // Nothing was cached: of something that is there, or because nothing is?
            await client.StatAsync(path, cancellationToken);
        }

        var result = new { Path = path, freed.Files, freed.Bytes, freed.Copies, freed.CopyBytes };
        context.Terminal.Result(result, _ => context.Terminal.Output.WriteLine(freed.Files + freed.Copies == 0
            ? $"nothing was cached of {Printable.Name(path)}"
            : $"{Format.Count(result.Files, "file")}, {Format.Bytes(result.Bytes)} freed of {Printable.Name(path)}{CopiesText(freed)}"));
        return ExitCode.Ok;
    }

    private static string CopiesText(FreeResult freed) =>
        freed.Copies == 0 ? string.Empty : $", and {Format.Bytes(freed.CopyBytes)} of copies that other workers than the owners had";
}
