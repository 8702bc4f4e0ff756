using System.CommandLine;
using Dora.Client;

namespace Dora.Cli.Commands;

internal static class CatCommand
{
    public static Command Create(CommandRunner runner)
    {
        Argument<string> path = PathArgument.Required;
        var offset = new Option<long>("--offset") { Description = "First byte (default 0)." };
        var length = new Option<long>("--length") { Description = "Bytes (default: to the end).", DefaultValueFactory = static _ => long.MaxValue };
        var command = new Command("cat", "A file's bytes on stdout. Example: dora cat /data/file --offset 0 --length 100") { path, offset, length };
        runner.Bind(command, (context, cancellationToken) => RunAsync(
            context, context.Parsed.GetRequiredValue(path), context.Parsed.GetValue(offset), context.Parsed.GetValue(length), cancellationToken));
        return command;
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, string path, long offset, long length, CancellationToken cancellationToken)
    {
        if (offset < 0 || length < 0)
        {
            throw new DoraException(DoraErrorCode.InvalidArgument, "--offset and --length are 0 or more");
        }

        await using DoraClient client = await context.ConnectAsync(cancellationToken);
        await using DoraFile file = await client.OpenReadAsync(path, cancellationToken);
        Stream output = context.Terminal.OpenOutput();
        await FileCopy.ToStreamAsync(file, offset, length, output, static _ => { }, cancellationToken);
        return ExitCode.Ok;
    }
}
