using System.CommandLine;
using System.Runtime.CompilerServices;
using Dora.Cli.Output;
using Dora.Client;
using Dora.Interfaces;

namespace Dora.Cli.Commands;

internal static class LsCommand
{
    public static Command Create(CommandRunner runner)
    {
        Argument<string> path = PathArgument.OrRoot;
        var command = new Command("ls", "The entries of a directory, or a file. Example: dora ls /data") { path };
        runner.Bind(command, (context, cancellationToken) => RunAsync(context, context.Parsed.GetRequiredValue(path), cancellationToken));
        return command;
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, string path, CancellationToken cancellationToken)
    {
        await using DoraClient client = await context.ConnectAsync(cancellationToken);
        DoraListing listing = client.ListAsync(path, cancellationToken);
        await context.Terminal.ResultsAsync(EntriesAsync(client, listing, cancellationToken), StatCommand.View, Line, () => new { listing.Path, Skipped = SkippedView.Of(listing.Skipped) });
        SkippedView.Note(context.Terminal, listing.Path, listing.Skipped);
        return ExitCode.Ok;
    }

    /// <summary>What is in a directory; of a file, itself.</summary>
    private static async IAsyncEnumerable<FileStat> EntriesAsync(DoraClient client, DoraListing listing, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using IAsyncEnumerator<FileStat> entries = listing.GetAsyncEnumerator(cancellationToken);
        bool isThere = false, isFile = false;
        try
        {
            isThere = await entries.MoveNextAsync();
        }
        catch (DoraException e) when (e.Code == DoraErrorCode.NotDirectory)
        {
            isFile = true;
        }

        if (isFile)
        {
            yield return await client.StatAsync(listing.Path, cancellationToken);
        }

        while (isThere)
        {
            yield return entries.Current;
            isThere = await entries.MoveNextAsync();
        }
    }

    private static string Line(FileStat entry)
    {
        bool directory = entry.Kind == FileKind.Directory;
        return $"{(directory ? "-" : Format.Bytes(entry.Length)),12}  {Format.Time(entry.LastModified),-19}  {Printable.Name(entry.Name)}{(directory ? "/" : string.Empty)}";
    }
}
