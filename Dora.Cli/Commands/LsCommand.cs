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
        DoraListing listing = client.ListAsync(path, cancellationToken);
        await context.Terminal.ResultsAsync(listing, EntryView, Line, () => new { listing.Path, Skipped = SkippedView.Of(listing.Skipped) });
        SkippedView.Note(context.Terminal, listing.Path, listing.Skipped);
        return ExitCode.Ok;
    }

    private static object EntryView(FileStat entry) => new
    {
        entry.Path,
        entry.Kind,
        entry.Length,
        entry.LastModified,
        Version = new FileVersion(entry.Version).ToString(),
        entry.UfsPath,
        entry.IsLink,
    };

    private static string Line(FileStat entry)
    {
        bool directory = entry.Kind == FileKind.Directory;
        return $"{(directory ? "-" : Format.Bytes(entry.Length)),12}  {Format.Time(entry.LastModified),-19}  {entry.Name}{(directory ? "/" : string.Empty)}";
    }
}
