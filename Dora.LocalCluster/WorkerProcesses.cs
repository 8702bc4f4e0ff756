using System.Globalization;

namespace Dora.LocalCluster;

/// <summary>Worker processes on this machine that form one cluster: what <c>up</c> and <c>demo</c> run.</summary>
internal sealed class WorkerProcesses : IAsyncDisposable
{
    private static readonly TimeSpan StopPatience = TimeSpan.FromSeconds(20);

    private readonly Dictionary<string, WorkerProcess> _workers = new(StringComparer.Ordinal);

    /// <summary>Creates a cluster; no process runs yet.</summary>
    /// <param name="directory">Where it lives.</param>
    /// <param name="options">What every worker gets.</param>
    public WorkerProcesses(ClusterDirectory directory, LocalWorkerOptions options) => (Directory, Options) = (directory, options);

    /// <summary>Where the cluster lives.</summary>
    public ClusterDirectory Directory { get; }

    /// <summary>What every worker gets.</summary>
    public LocalWorkerOptions Options { get; }

    /// <summary>The worker processes by worker id.</summary>
    public IReadOnlyDictionary<string, WorkerProcess> Workers => _workers;

    /// <summary>The ids of a cluster of <paramref name="count"/> workers: w0, w1, …</summary>
    public static IEnumerable<string> WorkerIds(int count) =>
        Enumerable.Range(0, count).Select(static i => string.Create(CultureInfo.InvariantCulture, $"w{i}"));

    /// <summary>Starts workers and waits until all are active.</summary>
    /// <exception cref="DoraException">A worker could not start; its own line says why.</exception>
    public async Task StartAsync(IEnumerable<string> workerIds, CancellationToken cancellationToken)
    {
        string[] ids = [.. workerIds];

        // The first one makes the tables, so that the others do not queue for the lock.
        if (_workers.Count == 0 && ids.Length > 0)
        {
            await StartAsync(ids[0], cancellationToken);
            ids = ids[1..];
        }

        await Task.WhenAll(ids.Select(id => StartAsync(id, cancellationToken)));
    }

    /// <summary>Starts one worker, new or again, and waits until it is active.</summary>
    public async Task<WorkerReady> StartAsync(string workerId, CancellationToken cancellationToken)
    {
        WorkerProcess worker = WorkerProcess.Start(Arguments(workerId));
        lock (_workers)
        {
            _workers[workerId] = worker;
        }

        return await worker.Ready.WaitAsync(cancellationToken);
    }

    /// <summary>Stops all workers gracefully, together.</summary>
    public Task StopAsync() => Task.WhenAll(_workers.Values.Where(static w => !w.Exited.IsCompleted).Select(static w => w.StopAsync(StopPatience)));

    /// <summary>Ends what still runs.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (WorkerProcess worker in _workers.Values)
        {
            await worker.DisposeAsync();
        }
    }

    private IEnumerable<string> Arguments(string workerId)
    {
        List<string> arguments =
        [
            "--data", Directory.WorkerPath(workerId),
            "--cluster", Directory.ClusterPath,
            "--cluster-id", Directory.ClusterId,
            "--worker-id", workerId,
        ];
        if (Options.PageCapacityBytes is { } capacity)
        {
            arguments.AddRange(["--page-capacity", capacity.ToString(CultureInfo.InvariantCulture)]);
        }

        foreach (PageDirectoryOption directory in Options.PageDirectories ?? [])
        {
            arguments.AddRange(["--page-dir", string.Create(CultureInfo.InvariantCulture, $"{Path.Combine(directory.Path, workerId)}={directory.CapacityBytes}")]);
        }

        if (Options.Weights.TryGetValue(workerId, out string? weight))
        {
            arguments.AddRange(["--weight", weight]);
        }

        arguments.AddRange(Options.MoreArguments);
        return arguments;
    }
}
