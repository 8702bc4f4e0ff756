
namespace Dora.LocalCluster;

/// <summary>
/// Restarts workers that end by themselves: a silo that the cluster declared dead ends its process on purpose and comes back as a new one. Gives up
/// on a worker that fails five times within a minute.
/// </summary>
internal sealed class Supervisor
{
    private const int MaxRestarts = 5;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly WorkerProcesses _cluster;
    private readonly Action<string> _note;
    private readonly Action<string> _problem;
    private readonly TimeProvider _time;

    /// <param name="cluster">The workers.</param>
    /// <param name="note">Told what was done.</param>
    /// <param name="problem">Told why a worker did not start.</param>
    /// <param name="time">The clock.</param>
    public Supervisor(WorkerProcesses cluster, Action<string> note, Action<string> problem, TimeProvider time) => (_cluster, _note, _problem, _time) = (cluster, note, problem, time);

    /// <summary>Runs until cancelled, or until a worker cannot be kept alive.</summary>
    /// <exception cref="DoraException">A worker fails again and again.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        // The first that ends ends all: a cluster that lost a worker for good must not look alive.
        Task first = await Task.WhenAny(_cluster.Workers.Keys.ToArray().Select(id => KeepAsync(id, cancellationToken)));
        await first;
    }

    private async Task KeepAsync(string workerId, CancellationToken cancellationToken)
    {
        var restarts = new Queue<DateTimeOffset>();
        while (true)
        {
            int exitCode = await _cluster.Workers[workerId].Exited.WaitAsync(cancellationToken);
            DateTimeOffset now = _time.GetUtcNow();
            while (restarts.TryPeek(out DateTimeOffset oldest) && now - oldest > Window)
            {
                restarts.Dequeue();
            }

            if (restarts.Count == MaxRestarts)
            {
                throw new DoraException(
                    DoraErrorCode.Unavailable,
                    $"worker {workerId} ended {MaxRestarts + 1} times within a minute (last exit code {exitCode}): see {_cluster.Directory.WorkerPath(workerId)}/worker.log");
            }

            restarts.Enqueue(now);
            _note($"worker {workerId} ended with exit code {exitCode}; starting it again");
            try
            {
                await _cluster.StartAsync(workerId, cancellationToken);
            }
            catch (DoraException e)
            {
                // It has ended again: the next turn counts it, and tries again or gives up.
                _problem(e.Message);
            }
        }
    }
}
