using System.CommandLine;
using Dora.Client;
using Dora.Interfaces;
using Dora.LocalCluster;
using Spectre.Console;

namespace Dora.Cli.Commands;

internal static class UpCommand
{
    public static Command Create(CommandRunner runner)
    {
        var workers = new Option<int>("--workers") { Description = "How many workers, 1 to 32.", DefaultValueFactory = static _ => 3 };
        var mounts = new Option<string[]>("--mount") { Description = "A mount to add, as /path=URI; may be repeated.", HelpName = "/path=URI" };
        var capacity = new Option<string?>("--page-capacity") { Description = "Cap on each worker's pages on disk, for example 20g.", HelpName = "SIZE" };
        var directories = new Option<string[]>("--page-dir") { Description = "One more directory for pages and each worker's cap in it, best on a disk of its own; may be repeated.", HelpName = "DIR=SIZE" };
        var command = new Command("up", "Runs a cluster on this machine until Ctrl-C; its cache survives a restart. Example: dora up --workers 3 --mount /data=/srv/datasets")
        {
            workers,
            mounts,
            capacity,
            directories,
        };
        runner.Bind(command, (context, cancellationToken) => RunAsync(
            context,
            context.Parsed.GetValue(workers),
            [.. (context.Parsed.GetValue(mounts) ?? []).Select(ParseMount)],
            new LocalWorkerOptions(
                context.Parsed.GetValue(capacity) is { } size ? SizeOption.Parse(size, "--page-capacity") : null,
                [.. (context.Parsed.GetValue(directories) ?? []).Select(PageDirectoryOption.Parse)]),
            cancellationToken));
        return command;
    }

    private static MountView ParseMount(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0
            ? new MountView(text[..equals], UfsLocation.Absolute(text[(equals + 1)..]), 0, string.Empty)
            : throw new DoraException(DoraErrorCode.InvalidArgument, $"--mount '{text}' is not /path=URI: give for example /data=/srv/datasets");
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, int workers, MountView[] mounts, LocalWorkerOptions options, CancellationToken cancellationToken)
    {
        if (workers is < 1 or > 32)
        {
            throw new DoraException(DoraErrorCode.InvalidArgument, $"--workers {workers} is not 1 to 32");
        }

        await using var cluster = new WorkerProcesses(ClusterDirectory.Open(context.DataDirectory), options);
        if (cluster.Directory.Mended is { } mended)
        {
            context.Terminal.Note(mended);
        }

        context.Terminal.Note($"starting {workers} worker{(workers == 1 ? string.Empty : "s")} in {cluster.Directory.Root} ...");
        try
        {
            await cluster.StartAsync(WorkerProcesses.WorkerIds(workers), cancellationToken);
            await AnnounceAsync(context, cluster, mounts, cancellationToken);
            await new Supervisor(cluster, context.Terminal.Note, context.Terminal.Problem, TimeProvider.System).RunAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            context.Terminal.Note("stopping ...");
        }
        finally
        {
            await cluster.StopAsync();
        }

        return ExitCode.Ok;
    }

    private static async Task AnnounceAsync(CommandContext context, WorkerProcesses cluster, MountView[] mounts, CancellationToken cancellationToken)
    {
        await using DoraClient client = await context.ConnectAsync(cancellationToken);
        foreach (MountView mount in mounts)
        {
            await EnsureMountAsync(client, mount, cancellationToken);
        }

        WorkerReady[] ready = await Task.WhenAll(cluster.Workers.OrderBy(static w => w.Key, StringComparer.Ordinal).Select(static w => w.Value.Ready));
        var result = new { Data = cluster.Directory.Root, Workers = ready, Mounts = client.Mounts.Current.Select(static m => new { Path = m.Path.Value, Ufs = m.Ufs.Value }) };
        context.Terminal.Result(result, console =>
        {
            var table = new Table().Border(TableBorder.Simple).AddColumns("worker", "pid", "silo", "gateway", "pages");
            foreach (WorkerReady worker in ready)
            {
                table.AddRow(worker.WorkerId, Text(worker.Pid), Text(worker.SiloPort), Text(worker.GatewayPort), Text(worker.PagePort));
            }

            console.Write(table);
            foreach (Mount mount in client.Mounts.Current)
            {
                context.Terminal.Output.WriteLine(Printable.Line($"{mount.Path} -> {mount.Ufs}"));
            }
        });
        string option = context.Parsed.GetResult("--data") is null ? string.Empty : $" --data {context.DataDirectory}";
        context.Terminal.Note($"ready; try 'dora ls /{option}' in another terminal; Ctrl-C ends the cluster and keeps its cache");
    }

    private static async Task EnsureMountAsync(DoraClient client, MountView wanted, CancellationToken cancellationToken)
    {
        Mount mount = wanted.ToMount();
        if (client.Mounts.Current.Any(m => m.Path == mount.Path && m.Ufs == mount.Ufs))
        {
            return; // there from an earlier run
        }

        await client.Mounts.AddAsync(wanted.Path, wanted.Ufs, cancellationToken: cancellationToken);
    }

    private static string Text(int number) => number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}
