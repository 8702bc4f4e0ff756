using System.CommandLine;
using Dora.Cli.Local;
using Dora.Cli.Output;
using Dora.Client;
using Spectre.Console;

namespace Dora.Cli.Commands;

internal static class MountCommand
{
    public static Command Create(CommandRunner runner) =>
        new("mount", "Which Dora path stands for which store. Example: dora mount add /data /srv/datasets") { Add(runner), List(runner), Remove(runner) };

    private static Command Add(CommandRunner runner)
    {
        var path = new Argument<string>("path") { Description = "Dora path, for example /data." };
        var uri = new Argument<string>("uri") { Description = "Root in the store: a directory or file:///directory." };
        var pageSize = new Option<string?>("--page-size") { Description = "Bytes per page, a power of two from 64k to 16m (default 1m).", HelpName = "SIZE" };
        var freshness = new Option<string?>("--freshness") { Description = "immutable, validate-on-open, or 'max-age 10m' (default 'max-age 1m').", HelpName = "RULE" };
        var command = new Command("add", "Mounts a store. Example: dora mount add /data /srv/datasets --freshness 'max-age 10m'") { path, uri, pageSize, freshness };
        runner.Bind(command, async (context, cancellationToken) =>
        {
            long size = context.Parsed.GetValue(pageSize) is { } text ? SizeOption.Parse(text, "--page-size") : 0;
            await using DoraClient client = await context.ConnectAsync(cancellationToken);
            await client.AddMountAsync(
                context.Parsed.GetRequiredValue(path),
                UfsLocation.Absolute(context.Parsed.GetRequiredValue(uri)),
                (int)Math.Min(size, int.MaxValue),
                context.Parsed.GetValue(freshness) ?? string.Empty,
                cancellationToken);
            Render(context.Terminal, client);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command List(CommandRunner runner)
    {
        var command = new Command("list", "All mounts. Example: dora mount list --json");
        runner.Bind(command, async (context, cancellationToken) =>
        {
            await using DoraClient client = await context.ConnectAsync(cancellationToken);
            Render(context.Terminal, client);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Remove(CommandRunner runner)
    {
        var path = new Argument<string>("path") { Description = "The mount's Dora path." };
        var command = new Command("remove", "Removes a mount; the store keeps its files. Example: dora mount remove /data") { path };
        runner.Bind(command, async (context, cancellationToken) =>
        {
            await using DoraClient client = await context.ConnectAsync(cancellationToken);
            await client.RemoveMountAsync(context.Parsed.GetRequiredValue(path), cancellationToken);
            Render(context.Terminal, client);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Render(Terminal terminal, DoraClient client)
    {
        var mounts = client.Mounts.Select(static m => new { Path = m.Path.Value, Ufs = m.Ufs.Value, m.PageSize, Freshness = m.Freshness.ToString() }).ToArray();
        terminal.Result(mounts, console =>
        {
            var table = new Table().Border(TableBorder.Simple).AddColumns("path", "store", "page size", "freshness");
            foreach (var mount in mounts)
            {
                table.AddRow(Markup.Escape(mount.Path), Markup.Escape(mount.Ufs), Format.Bytes(mount.PageSize), mount.Freshness);
            }

            console.Write(table);
        });
    }
}
