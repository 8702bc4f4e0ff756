using System.CommandLine;
using Dora.Cli.Output;
using Dora.Client;
using Spectre.Console;

namespace Dora.Cli.Commands;

internal static class DuCommand
{
    public static Command Create(CommandRunner runner)
    {
        Argument<string> path = PathArgument.OrRoot;
        var command = new Command("du", "How much is cached at and below a path, on each worker. Example: dora du /data/train") { path };
        runner.Bind(command, (context, cancellationToken) => RunAsync(context, context.Parsed.GetRequiredValue(path), cancellationToken));
        return command;
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, string path, CancellationToken cancellationToken)
    {
        await using DoraClient client = await context.ConnectAsync(cancellationToken);
        IReadOnlyList<CachedSum> workers = await client.Cache.SumAsync(path, cancellationToken);
        var total = new
        {
            Path = DoraPath.Parse(path).Value,
            Files = workers.Sum(static w => w.Files),
            Bytes = workers.Sum(static w => w.Bytes),
            Copies = workers.Sum(static w => w.Copies),
            CopyBytes = workers.Sum(static w => w.CopyBytes),
            Workers = workers.Select(static w => new { Worker = w.Worker.Value, w.Files, w.Bytes, w.Copies, w.CopyBytes }),
        };
        if (total.Files + total.Copies == 0)
        {
            // Nothing is cached: of something that is there, or because nothing is?
            await client.StatAsync(path, cancellationToken);
        }

        context.Terminal.Result(total, console =>
        {
            var table = new Table().Border(TableBorder.Simple).AddColumns("worker", "files", "cached", "copies", "bytes of copies");
            foreach (CachedSum worker in workers)
            {
                table.AddRow(worker.Worker.Value, Format.Count(worker.Files), Format.Bytes(worker.Bytes), Format.Count(worker.Copies), Format.Bytes(worker.CopyBytes));
            }

            table.AddRow("all", Format.Count(total.Files), Format.Bytes(total.Bytes), Format.Count(total.Copies), Format.Bytes(total.CopyBytes));
            console.Write(table);
        });
        return ExitCode.Ok;
    }
}
