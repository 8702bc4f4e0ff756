using System.CommandLine;
using Dora.Cli.Get;
using Dora.Cli.Output;
using Dora.Client;
using Dora.Interfaces;
using Spectre.Console;

namespace Dora.Cli.Commands;

internal static class GetCommand
{
    public static Command Create(CommandRunner runner)
    {
        Argument<string> path = PathArgument.Required;
        var target = new Argument<string>("target") { Description = "Local file, or directory for a directory (default: the name, here).", DefaultValueFactory = static _ => string.Empty };
        var force = new Option<bool>("--force") { Description = "Replace local files that are there." };
        var resume = new Option<bool>("--resume") { Description = "Leave local files alone that have the length and time of what would be copied: goes on where an earlier get ended." };
        var noFollow = new Option<bool>("--no-follow") { Description = "Leave symbolic links below the path out; else what they lead to inside the mount is copied, each directory once." };
        var command = new Command("get", "Copies a file, or a directory with all below it, to this machine. Example: dora get /data/model ./model") { path, target, force, resume, noFollow };
        runner.Bind(command, (context, cancellationToken) => RunAsync(
            context,
            DoraPath.Parse(context.Parsed.GetRequiredValue(path)),
            context.Parsed.GetRequiredValue(target),
            new GetOptions(context.Parsed.GetValue(force), context.Parsed.GetValue(resume), context.Parsed.GetValue(noFollow)),
            cancellationToken));
        return command;
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, DoraPath path, string target, GetOptions options, CancellationToken cancellationToken)
    {
        await using DoraClient client = await context.ConnectAsync(cancellationToken);
        FileStat stat = await client.StatAsync(path.Value, cancellationToken);
        string local = target.Length == 0 ? path.IsRoot ? "." : path.Name : target;
        GetLedger ledger = stat.Kind == FileKind.File
            ? await FileAsync(context, client, stat, local, options, cancellationToken)
            : await DirectoryAsync(context, client, path, local, options, cancellationToken);
        return Show(context.Terminal, ledger, path, Path.GetFullPath(local));
    }

    private static async Task<GetLedger> FileAsync(
        CommandContext context, DoraClient client, FileStat stat, string local, GetOptions options, CancellationToken cancellationToken)
    {
        string full = Path.GetFullPath(Directory.Exists(local) ? Path.Combine(local, stat.Name) : local);
        using TargetDirectory directory = TargetDirectory.Open(Path.GetDirectoryName(full)!);
        directory.RemoveLeftovers();
        var ledger = new GetLedger(TimeProvider.System, static (_, _) => { });
        await Output.Progress.OfBytesAsync(context.Terminal, stat.Name, stat.Length, async report =>
        {
            long done = 0;
            var writer = new FileWriter(new FileFetch(client, bytes => report(Interlocked.Add(ref done, bytes))), options, ledger);
            var item = new GetItem(stat, directory, Path.GetFileName(full));
            if (writer.IsWanted(item))
            {
                await writer.FetchAsync(item, cancellationToken);
            }

            return done;
        });
        return ledger;
    }

    private static Task<GetLedger> DirectoryAsync(
        CommandContext context, DoraClient client, DoraPath path, string local, GetOptions options, CancellationToken cancellationToken)
    {
        if (File.Exists(local))
        {
            throw new DoraException(DoraErrorCode.AlreadyExists, $"'{local}' is a file here and '{path}' a directory: give another target");
        }

        Directory.CreateDirectory(local);
        return Output.Progress.OfFractionAsync(context.Terminal, $"copying {path}", async report =>
        {
            using TargetDirectory target = TargetDirectory.Open(local);
            var ledger = new GetLedger(TimeProvider.System, report);
            var writer = new FileWriter(new FileFetch(client, ledger.Moved), options, ledger);
            await new GetRun(client, writer, ledger).RunAsync(new TreeWalk(client, ledger, path, !options.NoFollow), target, cancellationToken);
            return ledger;
        });
    }

    private static ExitCode Show(Terminal terminal, GetLedger ledger, DoraPath source, string target)
    {
        var result = new { ledger.Files, ledger.Bytes, ledger.Present, ledger.Failed, ledger.Failures, Skipped = SkippedView.Of(ledger.Skipped), Target = target };
        string present = ledger.Present == 0 ? string.Empty : $", {Format.Count(ledger.Present)} there already";
        string failed = ledger.Failed == 0 ? string.Empty : $", {Format.Count(ledger.Failed)} failed";
        terminal.Result(result, console => console.MarkupLineInterpolated($"{Format.Count(ledger.Files, "file")}, {Format.Bytes(ledger.Bytes)}{present}{failed} -> {Printable.Name(target)}"));
        SkippedView.Note(terminal, source.Value, ledger.Skipped);
        foreach (GetFailure failure in ledger.Failures)
        {
            terminal.Problem(failure.Message.Contains(failure.Path, StringComparison.Ordinal) ? failure.Message : $"'{failure.Path}': {failure.Message}");
        }

        if (ledger.Failed > ledger.Failures.Count)
        {
            terminal.Problem($"and {Format.Count(ledger.Failed - ledger.Failures.Count)} more that could not be copied");
        }

        return ledger.Failed == 0 ? ExitCode.Ok : ExitCode.Failed;
    }
}
