namespace Orleans.Runtime;

/// <summary>Deactivates what has been idle for too long.</summary>
internal sealed class ActivationCollector(ActivationCatalog catalog, ActivationShared shared) : ILifecycleParticipant<ISiloLifecycle>, IDisposable
{
    private ITimer? _timer;

    public void Participate(ISiloLifecycle lifecycle) => lifecycle.Subscribe<ActivationCollector>(
        ServiceLifecycleStage.Active,
        _ =>
        {
            _timer = shared.Time.CreateTimer(_ => Collect(AgeLimit), null, shared.Collection.CollectionQuantum, shared.Collection.CollectionQuantum);
            return Task.CompletedTask;
        },
        _ =>
        {
            Dispose();
            return Task.CompletedTask;
        });

    /// <summary>Deactivates every activation that has been idle for at least that long; those that are to stay for ever stay.</summary>
    public void Collect(TimeSpan age) => Collect(activation => AgeLimit(activation) == Timeout.InfiniteTimeSpan ? Timeout.InfiniteTimeSpan : age);

    public void Dispose() => _timer?.Dispose();

    private void Collect(Func<Activation, TimeSpan> limit)
    {
        foreach (var activation in catalog.All)
        {
            var age = limit(activation);
            if (age != Timeout.InfiniteTimeSpan && activation.IsIdleFor(age))
                activation.Deactivate(new DeactivationReason(DeactivationReasonCode.ActivationIdle, $"Idle for {age}."));
        }
    }

    private TimeSpan AgeLimit(Activation activation) =>
        shared.Collection.ClassSpecificCollectionAge.TryGetValue(activation.Model.Type.FullName!, out var configured) ? configured : activation.Model.AgeLimit ?? shared.Collection.CollectionAge;
}
