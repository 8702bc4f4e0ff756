using System.CommandLine;
using Dora.Cli.Output;
using Dora.Client;
using Dora.Interfaces;
using Spectre.Console;

namespace Dora.Cli.Commands;

internal static class WorkersCommand
{
    public static Command Create(CommandRunner runner)
    {
        var command = new Command("workers", "The active workers and what they hold. Example: dora workers --json");
        runner.Bind(command, RunAsync);
        return command;
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        await using DoraClient client = await context.ConnectAsync(cancellationToken);
        WorkerRow[] rows = await Task.WhenAll(client.Workers.Select(w => AskAsync(client, w, cancellationToken)));
        context.Terminal.Result(new { Workers = rows.Select(static r => r.View()) }, console =>
        {
            var table = new Table().Border(TableBorder.Simple).AddColumns("worker", "address", "weight", "pages", "bytes", "capacity", "hit ratio", "memory", "started");
            foreach (WorkerRow row in rows)
            {
                table.AddRow(row.Cells());
            }

            console.Write(table);
        });
        return ExitCode.Ok;
    }

    private static async Task<WorkerRow> AskAsync(DoraClient client, WorkerInfo worker, CancellationToken cancellationToken)
    {
        try
        {
            return new WorkerRow(worker.Id.Value, $"{worker.Host}:{worker.PagePort}", worker.Weight, await client.GetWorkerStatusAsync(worker.Id, cancellationToken), null);
        }
        catch (DoraException e)
        {
            return new WorkerRow(worker.Id.Value, $"{worker.Host}:{worker.PagePort}", worker.Weight, null, e.Message);
        }
    }

    private sealed record WorkerRow(string Worker, string Address, int Weight, WorkerStatus? Status, string? Error)
    {
        public string[] Cells() => Status is null
            ? [Worker, Address, Text(Weight), "", "", "", "", "", Format.TextCell(Error ?? string.Empty)]
            :
            [
                Worker, Address, Text(Weight), Format.Count(Status.Pages), Format.Bytes(Status.PageBytes),
                Format.Bytes(Status.PageCapacityBytes), HitRatio(Status), Format.Bytes(Status.WorkingSetBytes), Format.Time(Status.StartedAt),
            ];

        /// <summary>What programs get. Not how many files a worker has metadata of, which the metadata store only estimates.</summary>
        public object View() => new
        {
            Worker,
            Address,
            Weight,
            Status = Status is null ? null : new
            {
                Status.StartedAt,
                Status.ProcessId,
                Status.Version,
                Status.Pages,
                Status.PageBytes,
                Status.PageCapacityBytes,
                Status.PageHits,
                Status.PageMisses,
                Status.StoreBytes,
                Status.PeerBytes,
                Status.DamagedPages,
                Status.FileGrains,
                Status.WorkingSetBytes,
                Status.PageConnections,
                Status.SameHostClients,
            },
            Error,
        };

        private static string HitRatio(WorkerStatus status)
        {
            long reads = status.PageHits + status.PageMisses;
            return reads == 0 ? "-" : ((double)status.PageHits / reads).ToString("P1", System.Globalization.CultureInfo.InvariantCulture);
        }

        private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
    }
}
