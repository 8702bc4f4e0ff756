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
        var command = new Command("stat", "What is at a path, and which worker owns it. Example: dora stat /data/file") { path };
        runner.Bind(command, (context, cancellationToken) => RunAsync(context, context.Parsed.GetRequiredValue(path), cancellationToken));
        return command;
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, string path, CancellationToken cancellationToken)
    {
        await using DoraClient client = await context.ConnectAsync(cancellationToken);
        FileStat stat = await client.StatAsync(path, cancellationToken);
        string owner = client.OwnerOf(path)?.Id.Value ?? "-";
        var view = new { stat.Path, stat.Kind, stat.Length, stat.LastModified, Version = new FileVersion(stat.Version).ToString(), stat.UfsPath, stat.LoadedAt, Owner = owner };
        context.Terminal.Result(view, _ =>
        {
            TextWriter output = context.Terminal.Output;
            output.WriteLine($"path      {stat.Path}");
            output.WriteLine($"store     {stat.UfsPath}");
            output.WriteLine($"kind      {(stat.Kind == FileKind.Directory ? "directory" : "file")}");
            output.WriteLine($"length    {Format.Count(stat.Length)} bytes");
            output.WriteLine($"modified  {Format.Time(stat.LastModified)}");
            output.WriteLine($"version   {view.Version}");
            output.WriteLine($"checked   {Format.Time(stat.LoadedAt)}");
            output.WriteLine($"owner     {owner}");
        });
        return ExitCode.Ok;
    }
}
