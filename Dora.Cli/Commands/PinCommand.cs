using System.CommandLine;
using Dora.Cli.Output;
using Dora.Client;
using Spectre.Console;

namespace Dora.Cli.Commands;

/// <summary><c>pin</c>, <c>unpin</c> and <c>pins</c>.</summary>
internal static class PinCommand
{
    public static Command Create(CommandRunner runner)
    {
        Argument<string> path = PathArgument.Required;
        var share = new Option<string?>("--share")
        {
            Description = $"Percent of each worker's page capacity, 1% to {Pin.MaxTotalPercent}% (default {Pin.DefaultSharePercent}%).",
            HelpName = "PERCENT",
        };
        var command = new Command("pin", "Keeps what is cached at and below a path from eviction, up to a share of each worker. Example: dora pin /data/hot --share 30%") { path, share };
        runner.Bind(command, async (context, cancellationToken) =>
        {
            if (!Pin.TryParseShare(context.Parsed.GetValue(share), out int percent, out string? error))
            {
                throw new DoraException(DoraErrorCode.InvalidArgument, $"--share: {error}");
            }

            await using DoraClient client = await context.ConnectAsync(cancellationToken);
            DoraPath pinned = DoraPath.Parse(context.Parsed.GetRequiredValue(path));
            await client.Mounts.PinAsync(pinned.Value, percent, cancellationToken);
            context.Terminal.Result(
                new { Path = pinned.Value, SharePercent = percent },
                _ => context.Terminal.Output.WriteLine($"pinned {Printable.Name(pinned.Value)}, up to {percent}% of each worker; 'dora load' brings it in"));
            return ExitCode.Ok;
        });
        return command;
    }

    public static Command CreateUnpin(CommandRunner runner)
    {
        Argument<string> path = PathArgument.Required;
        var command = new Command("unpin", "Removes a pin; its pages stay cached, and are evicted as all others. Example: dora unpin /data/hot") { path };
        runner.Bind(command, async (context, cancellationToken) =>
        {
            await using DoraClient client = await context.ConnectAsync(cancellationToken);
            DoraPath pinned = DoraPath.Parse(context.Parsed.GetRequiredValue(path));
            await client.Mounts.UnpinAsync(pinned.Value, cancellationToken);
            context.Terminal.Result(new { Path = pinned.Value }, _ => context.Terminal.Output.WriteLine($"unpinned {Printable.Name(pinned.Value)}"));
            return ExitCode.Ok;
        });
        return command;
    }

    public static Command CreateList(CommandRunner runner)
    {
        var command = new Command("pins", "All pins. Example: dora pins --json");
        runner.Bind(command, async (context, cancellationToken) =>
        {
            await using DoraClient client = await context.ConnectAsync(cancellationToken);
            Render(context.Terminal, client);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Render(Terminal terminal, DoraClient client)
    {
        var pins = client.Mounts.Pins.Select(static p => new { Path = p.Prefix.Value, p.SharePercent }).ToArray();
        terminal.Result(new { Pins = pins }, console =>
        {
            var table = new Table().Border(TableBorder.Simple).AddColumns("path", "share of each worker");
            foreach (var pin in pins)
            {
                table.AddRow(Format.Cell(pin.Path), $"{pin.SharePercent}%");
            }

            console.Write(table);
        });
    }
}
