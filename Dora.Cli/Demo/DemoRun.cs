using Dora.Cli.Commands;
using Dora.Cli.Output;
using Dora.Client;
using Dora.Interfaces;
using Dora.LocalCluster;

namespace Dora.Cli.Demo;

/// <summary>
/// The main job on this machine: a cluster of worker processes in a temporary directory serves a real directory, cold, loaded and warm, and loses a
/// worker on the way. Leaves no process and no file.
/// </summary>
internal sealed class DemoRun
{
    private const string MountPath = "/demo";
    private const long MinCapacity = 256L * 1024 * 1024;
    private const double KillAt = 0.3;
    private const double RestartAt = 0.6;

    private readonly Terminal _terminal;
    private readonly TimeProvider _time;

    public DemoRun(Terminal terminal, TimeProvider time) => (_terminal, _time) = (terminal, time);

    /// <summary>Runs the demo.</summary>
    /// <param name="source">The directory to serve.</param>
    /// <param name="workers">How many workers.</param>
    /// <param name="cancellationToken">Ends it early; what was started is cleaned up.</param>
    public async Task<DemoReport> RunAsync(string source, int workers, CancellationToken cancellationToken)
    {
        _terminal.Note($"reading {source} to know what is right ...");
        IReadOnlyList<DemoFile> files = await DemoFile.ReadAllAsync(source, MountPath, cancellationToken);
        DirectoryInfo temporary = Directory.CreateTempSubdirectory("dora-demo-");
        try
        {
            // Each worker may have to hold what a killed one held.
            var options = new LocalWorkerOptions(Math.Max(MinCapacity, 2 * files.Sum(static f => f.Length)));
            await using var cluster = new WorkerProcesses(ClusterDirectory.Open(temporary.FullName), options);
            DemoReport report = await RunAsync(cluster, source, files, workers, cancellationToken);
            await cluster.StopAsync();
            return report;
        }
        finally
        {
            temporary.Delete(recursive: true);
        }
    }

    private async Task<DemoReport> RunAsync(WorkerProcesses cluster, string source, IReadOnlyList<DemoFile> files, int workers, CancellationToken cancellationToken)
    {
        _terminal.Note($"starting {workers} workers ...");
        await cluster.StartAsync(WorkerProcesses.WorkerIds(workers), cancellationToken);
        await using DoraClient client = await DoraClient.ConnectAsync(new DoraClientOptions { Cluster = cluster.Directory.ClusterPath }.WithEnvironment(), cancellationToken);
        await client.Mounts.AddAsync(MountPath, source, freshness: "max-age 1h", cancellationToken: cancellationToken);

        _terminal.Note("reading everything cold ...");
        var cold = new ReadPass(client, files, _time);
        await cold.RunAsync(cancellationToken);

        await client.FreeAsync(MountPath, forgetMetadata: true, cancellationToken);
        LoadJobStatus load = await LoadCommand.LoadAsync(client, _terminal, new LoadJobSpec(MountPath, Parallelism: 16), cancellationToken);

        (double p50, double p99) = await LatencyProbe.RunAsync(client, files, _time, cancellationToken);

        _terminal.Note("reading some of it as from a far store, without Dora ...");
        var far = new FarStore(source, MountPath, _time);
        double farMBps = await far.ReadFilesAsync(files, cancellationToken);
        (double farP50, double farP99) = await far.ReadPiecesAsync(files, cancellationToken);

        _terminal.Note("reading everything warm, killing a worker on the way ...");
        var warm = new ReadPass(client, files, _time);
        Task<int> chaos = KillAndRestartAsync(cluster, warm, workers, cancellationToken);
        await warm.RunAsync(cancellationToken);
        int killed = await chaos;

        return new DemoReport
        {
            Files = files.Count,
            Bytes = files.Sum(static f => f.Length),
            ColdMBps = Math.Round(cold.MBps, 1),
            WarmMBps = Math.Round(warm.MBps, 1),
            P50Us = p50,
            P99Us = p99,
            FarStoreMBps = Math.Round(farMBps, 1),
            FarStoreP50Us = farP50,
            FarStoreP99Us = farP99,
            Killed = killed,
            Failed = cold.Failed + warm.Failed + load.FilesFailed,
            Wrong = cold.Wrong + warm.Wrong,
            PerWorker = FilesPerWorker(client, files),
            FirstFailure = cold.FirstFailure ?? load.Failures.FirstOrDefault() ?? warm.FirstFailure,
        };
    }

    private async Task<int> KillAndRestartAsync(WorkerProcesses cluster, ReadPass pass, int workers, CancellationToken cancellationToken)
    {
        string victim = WorkerProcesses.WorkerIds(workers).Last();
        await ReachAsync(pass, KillAt, cancellationToken);
        await cluster.Workers[victim].KillAsync();
        _terminal.Note($"killed {victim} with SIGKILL");
        await ReachAsync(pass, RestartAt, cancellationToken);
        await cluster.StartAsync(victim, cancellationToken);
        _terminal.Note($"{victim} is back");
        return 1;
    }

    private async Task ReachAsync(ReadPass pass, double share, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5), _time);
        while (pass.Share < share)
        {
            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    private static Dictionary<string, long> FilesPerWorker(DoraClient client, IReadOnlyList<DemoFile> files) =>
        files
            .GroupBy(f => client.OwnerOf(f.DoraPath)?.Id.Value ?? "none", StringComparer.Ordinal)
            .OrderBy(static g => g.Key, StringComparer.Ordinal)
            .ToDictionary(static g => g.Key, static g => (long)g.Count(), StringComparer.Ordinal);
}
