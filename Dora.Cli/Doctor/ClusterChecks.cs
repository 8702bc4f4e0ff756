using System.Net.Sockets;
using Dora.Cli.Output;
using Dora.Client;
using Dora.Interfaces;

namespace Dora.Cli.Doctor;

/// <summary>What can be asked of a cluster: each worker over grain calls and the page channel, each mount in its store.</summary>
internal static class ClusterChecks
{
    private static readonly TimeSpan ConnectPatience = TimeSpan.FromSeconds(3);

    public static async Task<IReadOnlyList<Finding>> RunAsync(CommandContext context, CancellationToken cancellationToken)
    {
        DoraClient client;
        try
        {
            client = await context.ConnectAsync(cancellationToken);
        }
        catch (DoraException e)
        {
            return [Finding.Note("cluster", e.Message, "start one with 'dora up', or name its directory with --data")];
        }

        await using (client)
        {
            List<Finding> findings = [Finding.Good("cluster", $"{client.Workers.Length} workers, {client.Mounts.Current.Length} mounts")];
            foreach (WorkerInfo worker in client.Workers)
            {
                findings.Add(await WorkerAsync(client, worker, cancellationToken));
            }

            foreach (Mount mount in client.Mounts.Current)
            {
                findings.Add(await MountAsync(client, mount, cancellationToken));
            }

            return findings;
        }
    }

    private static async Task<Finding> WorkerAsync(DoraClient client, WorkerInfo worker, CancellationToken cancellationToken)
    {
        string check = $"worker {worker.Id}";
        try
        {
            TimeSpan connected = await ConnectAsync(worker, cancellationToken);
            WorkerStatus status = await client.GetWorkerStatusAsync(worker.Id, cancellationToken);
            string detail = $"page port answers in {connected.TotalMicroseconds:0} µs, {Format.Bytes(status.PageBytes)} of {Format.Bytes(status.PageCapacityBytes)} used";
            return status.DamagedPages == 0
                ? Finding.Good(check, detail)
                : Finding.Note(check, $"{detail}, {Format.Count(status.DamagedPages)} damaged pages dropped and fetched again", "look at the disk (dmesg, smartctl)");
        }
        catch (DoraException e)
        {
            return Finding.Bad(check, e.Message, "see worker.log in its data directory");
        }
    }

    private static async Task<TimeSpan> ConnectAsync(WorkerInfo worker, CancellationToken cancellationToken)
    {
        long start = TimeProvider.System.GetTimestamp();
        using var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync(worker.Host, worker.PagePort, cancellationToken).AsTask().WaitAsync(ConnectPatience, TimeProvider.System, cancellationToken);
        }
        catch (Exception e) when (e is SocketException or TimeoutException)
        {
            throw new DoraException(DoraErrorCode.Unavailable, $"page port {worker.Host}:{worker.PagePort} does not answer: {e.Message}", e);
        }

        return TimeProvider.System.GetElapsedTime(start);
    }

    private static async Task<Finding> MountAsync(DoraClient client, Mount mount, CancellationToken cancellationToken)
    {
        string check = $"mount {mount.Path}";
        try
        {
            await client.StatAsync(mount.Path.Value, cancellationToken);
            return Finding.Good(check, $"{mount.Ufs}, {mount.Freshness}");
        }
        catch (DoraException e)
        {
            return Finding.Bad(check, e.Message, $"make {mount.Ufs} reachable for the workers, or 'dora mount remove {mount.Path}'");
        }
    }
}
