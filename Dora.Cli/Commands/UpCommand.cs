using System.CommandLine;
using System.Globalization;
using Dora.Client;
using Dora.Interfaces;
using Dora.LocalCluster;
using Spectre.Console;

namespace Dora.Cli.Commands;

internal static class UpCommand
{
    // Workers whose parent was killed hand their pages over and end; who starts them again meanwhile waits that long.
    private const string LockWait = "30";

    public static Command Create(CommandRunner runner)
    {
        var workers = new Option<int>("--workers") { Description = "How many workers, 1 to 32.", DefaultValueFactory = static _ => 3 };
        var mounts = new Option<string[]>("--mount") { Description = "A mount to add, as /path=URI; may be repeated.", HelpName = "/path=URI" };
        var options = new UpOptions();
        var command = new Command("up", "Runs a cluster on this machine until Ctrl-C; its cache survives a restart. Example: dora up --workers 3 --mount /data=/srv/datasets") { workers, mounts };
        options.AddTo(command);
        runner.Bind(command, (context, cancellationToken) => RunAsync(context, options, context.Parsed.GetValue(workers), context.Parsed.GetValue(mounts) ?? [], cancellationToken));
        return command;
    }

    private static async Task<ExitCode> RunAsync(CommandContext context, UpOptions options, int count, string[] mountTexts, CancellationToken cancellationToken)
    {
        if (count is < 1 or > 32)
        {
            throw new DoraException(DoraErrorCode.InvalidArgument, $"--workers {count} is not 1 to 32");
        }

        WorkersNeed.ThrowIfMissing();
        string[] ids = [.. WorkerProcesses.WorkerIds(count)];
        MountView[] mounts = UpMounts.Parse(mountTexts);
        LocalWorkerOptions told = options.Workers(context.Parsed, ids);
        ClusterDirectory directory = ClusterDirectory.Open(context.DataDirectory);
        using var running = RunningCluster.Take(directory, ids);
        await using var cluster = new WorkerProcesses(directory, told with { MoreArguments = [.. told.MoreArguments, "--lock-wait", LockWait] });
        Tell(context, directory, ids);
        try
        {
            await cluster.StartAsync(ids, cancellationToken);
            await AnnounceAsync(context, options, cluster, mounts, cancellationToken);
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

    private static void Tell(CommandContext context, ClusterDirectory directory, string[] ids)
    {
        if (directory.Mended is { } mended)
        {
            context.Terminal.Note(mended);
        }

        string[] leftOut = [.. directory.KnownWorkers.Except(ids)];
        if (leftOut.Length > 0)
        {
            context.Terminal.Note($"not started, though there is data of an earlier run: {string.Join(", ", leftOut)}; more --workers use it, without them it may be deleted (in {Path.Combine(directory.Root, "workers")})");
        }

        if (ids.Any(directory.IsHeld))
        {
            context.Terminal.Note($"workers of an earlier run are still ending: waiting for them, {LockWait} s at most ...");
        }

        context.Terminal.Note($"starting {Output.Format.Count(ids.Length, "worker")} in {directory.Root} ...");
    }

    private static async Task AnnounceAsync(CommandContext context, UpOptions options, WorkerProcesses cluster, MountView[] mounts, CancellationToken cancellationToken)
    {
        await using DoraClient client = await DoraClient.ConnectAsync(options.Client(context.Parsed, cluster.Directory.ClusterPath), cancellationToken);
        foreach (MountView mount in mounts)
        {
            await UpMounts.EnsureAsync(client, mount, cancellationToken);
        }

        WorkerReady[] ready = await Task.WhenAll(cluster.Workers.OrderBy(static w => w.Key, StringComparer.Ordinal).Select(static w => w.Value.Ready));
        var result = new { Data = cluster.Directory.Root, Workers = ready, Mounts = client.Mounts.Current.Select(static m => new { Path = m.Path.Value, Ufs = m.Ufs.Value }) };
        context.Terminal.Result(result, console =>
        {
            var table = new Table().Border(TableBorder.Simple).AddColumns("worker", "process", "silo port", "gateway port", "page port");
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
        string data = context.Parsed.GetResult("--data") is null ? string.Empty : $" --data {context.DataDirectory}";
        string environment = options.ForClients(context.Parsed) is { Length: > 0 } set ? $"{set.TrimStart()} " : string.Empty;
        context.Terminal.Note($"ready; try '{environment}dora ls /{data}' in another terminal; Ctrl-C ends the cluster and keeps its cache");
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
