using Microsoft.Extensions.Logging;

namespace Orleans.Runtime;

/// <summary>Observers by stage: started in ascending order, those of one stage together; stopped in descending order.</summary>
internal class LifecycleStages : ILifecycleObservable
{
    private readonly Lock _lock = new();
    private readonly List<Subscription> _subscriptions = [];

    public int HighestCompletedStage { get; private set; } = int.MinValue;

    public int LowestStoppedStage { get; private set; } = int.MaxValue;

    public bool IsEmpty => _subscriptions.Count == 0;

    public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer)
    {
        var subscription = new Subscription(this, observerName, stage, observer);
        lock (_lock)
            _subscriptions.Add(subscription);
        return subscription;
    }

    /// <summary>Starts all stages. The first failure ends it and is thrown; <see cref="StopAsync"/> then stops what was started.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var stage in Snapshot().OrderBy(group => group.Key))
        {
            cancellationToken.ThrowIfCancellationRequested();
            HighestStartedStage = stage.Key;
            await Task.WhenAll(stage.Select(each => each.Observer.OnStart(cancellationToken))).ConfigureAwait(true);
            HighestCompletedStage = stage.Key;
        }
    }

    /// <summary>Stops every stage that was started, whatever fails.</summary>
    public async Task StopAsync(CancellationToken cancellationToken, ILogger? log)
    {
        foreach (var stage in Snapshot().Where(group => group.Key <= HighestStartedStage).OrderByDescending(group => group.Key))
        {
            foreach (var stop in stage.Select(each => (each.Name, Task: Stop(each, cancellationToken))).ToList())
            {
                try
                {
                    await stop.Task.ConfigureAwait(true);
                }
                catch (Exception exception)
                {
                    // Stopping goes on: later stages hold resources too.
                    log?.LogWarning(exception, "{Observer} failed to stop in stage {Stage}.", stop.Name, stage.Key);
                }
            }

            LowestStoppedStage = stage.Key;
        }
    }

    private int HighestStartedStage { get; set; } = int.MinValue;

    private static async Task Stop(Subscription subscription, CancellationToken cancellationToken) => await subscription.Observer.OnStop(cancellationToken).ConfigureAwait(true);

    private IEnumerable<IGrouping<int, Subscription>> Snapshot()
    {
        lock (_lock)
            return _subscriptions.ToList().GroupBy(each => each.Stage);
    }

    private sealed class Subscription(LifecycleStages owner, string name, int stage, ILifecycleObserver observer) : IDisposable
    {
        public string Name => name;

        public int Stage => stage;

        public ILifecycleObserver Observer => observer;

        public void Dispose()
        {
            lock (owner._lock)
                owner._subscriptions.Remove(this);
        }
    }
}

/// <summary>The stages of the silo.</summary>
internal sealed class SiloLifecycle : LifecycleStages, ISiloLifecycle;
