using System.CommandLine;
using System.Runtime.CompilerServices;
using Dora.Cli.Output;
using Dora.Client;
using Dora.Interfaces;

namespace Dora.Cli.Commands;

internal static class LsCommand
{
    private const int EntriesPerQuestion = 256;

    public static Command Create(CommandRunner runner)
    {
        Argument<string> path = PathArgument.OrRoot;
        var details = new Option<bool>("--long", "-l") { Description = "Also say how much of each file is cached, and by which workers." };
        var command = new Command("ls", "The entries of a directory, or a file. Example: dora ls /data") { path, details };
        runner.Bind(command, (context, cancellationToken) => context.Parsed.GetValue(details)
            ? RunLongAsync(context, context.Parsed.GetRequiredValue(path), cancellationToken)
            : RunAsync(context, context.Parsed.GetRequiredValue(path), cancellationToken));
        return command;
    }

    private static async Task<ExitCode> RunLongAsync(CommandContext context, string path, CancellationToken cancellationToken)
    {
        await using DoraClient client = await context.ConnectAsync(cancellationToken);
        DoraListing listing = client.ListAsync(path, cancellationToken);
        await context.Terminal.ResultsAsync(
            WithCachedAsync(client, EntriesAsync(client, listing, cancellationToken), cancellationToken),
            static entry => StatCommand.View(entry.Stat, CachedView.Of(entry.Cached)),
            static entry => Line(entry.Stat, CachedView.Cell(entry.Stat, entry.Cached)),
            () => new { listing.Path, Skipped = SkippedView.Of(listing.Skipped) });
        SkippedView.Note(context.Terminal, listing.Path, listing.Skipped);
        return ExitCode.Ok;
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, string path, CancellationToken cancellationToken)
    {
        await using DoraClient client = await context.ConnectAsync(cancellationToken);
        DoraListing listing = client.ListAsync(path, cancellationToken);
        await context.Terminal.ResultsAsync(EntriesAsync(client, listing, cancellationToken), static entry => StatCommand.View(entry), static entry => Line(entry), () => new { listing.Path, Skipped = SkippedView.Of(listing.Skipped) });
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

    /// <summary>Adds what is cached of each, some hundreds of files a question.</summary>
    private static async IAsyncEnumerable<(FileStat Stat, IReadOnlyList<CachedCopy>? Cached)> WithCachedAsync(
        DoraClient client, IAsyncEnumerable<FileStat> entries, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (FileStat[] some in entries.Chunk(EntriesPerQuestion).WithCancellation(cancellationToken))
        {
            IReadOnlyList<IReadOnlyList<CachedCopy>> cached = await client.Cache.FindAsync([.. some.Select(static e => e.Path)], cancellationToken);
            for (int i = 0; i < some.Length; i++)
            {
                yield return (some[i], some[i].Kind == FileKind.File ? cached[i] : null);
            }
        }
    }

    private static string Line(FileStat entry, string? cached = null)
    {
        bool directory = entry.Kind == FileKind.Directory;
        string column = cached is null ? string.Empty : $"  {cached,-16}";
        return $"{(directory ? "-" : Format.Bytes(entry.Length)),12}{column}  {Format.Time(entry.LastModified),-19}  {Printable.Name(entry.Name)}{(directory ? "/" : string.Empty)}";
    }
}
