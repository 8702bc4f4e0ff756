using System.Collections.Immutable;
using Dora.Cli.Output;
using Dora.Client;
using Dora.Interfaces;
using Dora.LocalCluster;

namespace Dora.Cli.Doctor;

/// <summary>What can be asked of a cluster: whether the workers are there that should be, each over the page channel and by a grain call, and each mount in its store.</summary>
internal static class ClusterChecks
{
    public static async Task<IReadOnlyList<Finding>> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        ExpectedWorkers? expected = RunningCluster.Read(Path.GetFullPath(context.DataDirectory));
        try
        {
            await using DoraClient client = await context.ConnectAsync(cancellationToken);
            ImmutableArray<WorkerInfo> active = client.Workers;
            List<Finding> workers = [];
            foreach (WorkerInfo worker in active)
            {
                workers.Add(await WorkerAsync(client, worker, cancellationToken));
            }

            workers.AddRange(Missing(context, active, expected));
            Finding cluster = Finding.Good("cluster", $"{Format.Count(active.Length, "worker")}, {Format.Count(client.Mounts.Current.Length, "mount")}");

            // What no worker lets this client do fails for every mount alike: it is said of the workers.
            bool isServed = workers.Exists(static w => w.State != FindingState.Bad);
            return [cluster, .. workers, .. isServed ? await MountsAsync(client, cancellationToken) : []];
        }
        catch (DoraException e)
        {
            return [Unreachable(context, e, expected)];
        }
    }

    private static Finding Unreachable(CommandContext context, DoraException e, ExpectedWorkers? expected)
    {
        (string what, string? hint) = Advice.Split(e.Message);
        if (expected is not null && e.Code == DoraErrorCode.Unavailable)
        {
            return Finding.Bad("cluster", $"{what}; {string.Join(", ", expected.Workers)} should run", hint ?? $"start them again with 'dora up --workers {expected.Workers.Count}'");
        }

        return ClusterAddress.TryParse(context.DataDirectory, out ClusterAddress? address, out _) && !address.Exists
            ? Finding.Note("cluster", what, hint ?? string.Empty)
            : Finding.Bad("cluster", what, hint ?? "see worker.log in the workers' data directories");
    }

    private static async Task<Finding> WorkerAsync(DoraClient client, WorkerInfo worker, CancellationToken cancellationToken)
    {
        string check = $"worker {worker.Id}";
        try
        {
            TimeSpan answered = await client.PingAsync(worker.Id, cancellationToken);
            WorkerStatus status = await client.GetWorkerStatusAsync(worker.Id, cancellationToken);
            string detail = $"answers in {answered.TotalMilliseconds:0.0} ms, {Format.Bytes(status.PageBytes)} of {Format.Bytes(status.PageCapacityBytes)} used";
            return status.DamagedPages == 0
                ? Finding.Good(check, detail)
                : Finding.Note(check, $"{detail}, {Format.Count(status.DamagedPages, "damaged page")} dropped and fetched again", "look at the disk (dmesg, smartctl)");
        }
        catch (DoraException e)
        {
            (string what, string? hint) = Advice.Split(e.Message);
            return Finding.Bad(check, what, hint ?? "see worker.log in its data directory");
        }
    }

    private static IEnumerable<Finding> Missing(CommandContext context, ImmutableArray<WorkerInfo> active, ExpectedWorkers? expected) => (expected?.Workers ?? [])
        .Where(id => active.All(w => w.Id.Value != id))
        .Select(id => Finding.Bad(
            $"worker {id}", $"gone: 'dora up' (process {expected!.ProcessId}) runs it, and it is no member of the cluster", $"see {Path.Combine(Path.GetFullPath(context.DataDirectory), "workers", id, "worker.log")}; 'dora up' starts it again by itself"));

    private static async Task<List<Finding>> MountsAsync(DoraClient client, CancellationToken cancellationToken)
    {
        List<Finding> findings = [];
        foreach (Mount mount in client.Mounts.Current)
        {
            string check = $"mount {mount.Path}";
            try
            {
                await client.StatAsync(mount.Path.Value, cancellationToken);
                findings.Add(Finding.Good(check, $"{mount.Ufs}, {mount.Freshness}"));
            }
            catch (DoraException e)
            {
                (string what, string? hint) = Advice.Split(e.Message);
                findings.Add(Finding.Bad(check, what, e.Code == DoraErrorCode.NotFound ? $"make {mount.Ufs} again, or 'dora mount remove {mount.Path}'" : hint ?? $"make {mount.Ufs} reachable for the workers"));
            }
        }

        return findings;
    }
}
