using System.CommandLine;
using Dora.Cli.Output;
using Dora.Client;
using Dora.Interfaces;

namespace Dora.Cli.Commands;

internal static class StatCommand
{
    public static Command Create(CommandRunner runner)
    {
        Argument<string> path = PathArgument.Required;
        var command = new Command("stat", "What is at a path, which worker owns it, and what is cached of it. Example: dora stat /data/file") { path };
        runner.Bind(command, (context, cancellationToken) => RunAsync(context, context.Parsed.GetRequiredValue(path), cancellationToken));
        return command;
    }

    /// <summary>What programs get of a file; null for what it does not have.</summary>
    public static object View(FileStat stat) => new
    {
        stat.Path,
        stat.Kind,
        Length = Length(stat),
        LastModified = Format.Known(stat.LastModified),
        Version = Version(stat),
        Ufs = Ufs(stat),
        stat.IsLink,
    };

    /// <summary>The same, and what is cached of it.</summary>
    public static object View(FileStat stat, object? cached) => new
    {
        stat.Path,
        stat.Kind,
        Length = Length(stat),
        LastModified = Format.Known(stat.LastModified),
        Version = Version(stat),
        Ufs = Ufs(stat),
        stat.IsLink,
        Cached = cached,
    };

    private static async Task<ExitCode> RunAsync(CommandContext context, string path, CancellationToken cancellationToken)
    {
        await using DoraClient client = await context.ConnectAsync(cancellationToken);
        FileStat stat = await client.StatAsync(path, cancellationToken);
        IReadOnlyList<CachedCopy>? cached = await CachedView.TryFindAsync(client, stat, context.Terminal.Note, cancellationToken);
        string? owner = client.OwnerOf(path)?.Id.Value;
        var view = new
        {
            stat.Path,
            stat.Kind,
            Length = Length(stat),
            LastModified = Format.Known(stat.LastModified),
            Version = Version(stat),
            Ufs = Ufs(stat),
            LoadedAt = Format.Known(stat.LoadedAt),
            Owner = owner,
            Cached = CachedView.Of(cached),
        };
        context.Terminal.Result(view, _ =>
        {
            TextWriter output = context.Terminal.Output;
            output.WriteLine($"path      {Printable.Name(stat.Path)}");
            output.WriteLine($"ufs       {(view.Ufs is null ? "-" : Printable.Name(view.Ufs))}");
            output.WriteLine($"kind      {(stat.Kind == FileKind.Directory ? "directory" : "file")}");
            output.WriteLine($"length    {(view.Length is { } length ? $"{Format.Bytes(length)} ({Format.Count(length)} bytes)" : "-")}");
            output.WriteLine($"modified  {Format.Time(stat.LastModified)}");
            output.WriteLine($"version   {view.Version ?? "-"}");
            output.WriteLine($"checked   {Format.Time(stat.LoadedAt)}");
            output.WriteLine($"owner     {owner ?? "-"}");
            output.WriteLine($"cached    {(cached is null ? "-" : string.Join($"{output.NewLine}          ", CachedView.Lines(stat, cached)))}");
        });
        return ExitCode.Ok;
    }

    private static long? Length(FileStat stat) => stat.Kind == FileKind.File ? stat.Length : null;

    private static string? Version(FileStat stat) => stat.Version == 0 ? null : new FileVersion(stat.Version).ToString();

    private static string? Ufs(FileStat stat) => stat.UfsPath.Length == 0 ? null : stat.UfsPath;
}
