using Dora.Cli.Output;

namespace Dora.Cli.Local;

/// <summary>
/// Restarts workers that end by themselves: a silo that the cluster declared dead ends its process on purpose and comes back as a new one. Gives up
/// on a worker that fails five times within a minute.
/// </summary>
internal sealed class Supervisor
{
    private const int MaxRestarts = 5;
    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly LocalCluster _cluster;
    private readonly Terminal _terminal;
    private readonly TimeProvider _time;

    public Supervisor(LocalCluster cluster, Terminal terminal, TimeProvider time) => (_cluster, _terminal, _time) = (cluster, terminal, time);

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
            _terminal.Note($"worker {workerId} ended with exit code {exitCode}; starting it again");
            try
            {
                await _cluster.StartAsync(workerId, cancellationToken);
            }
            catch (DoraException e)
            {
                // It has ended again: the next turn counts it, and tries again or gives up.
                _terminal.Problem(e.Message);
            }
        }
    }
}
