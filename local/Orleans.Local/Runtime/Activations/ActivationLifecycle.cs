namespace Orleans.Runtime;

/// <summary>The stages and the migration participants of one activation.</summary>
internal sealed class ActivationLifecycle : IGrainLifecycle
{
    private readonly LifecycleStages _stages = new();
    private List<IGrainMigrationParticipant>? _participants;

    public IDisposable Subscribe(string observerName, int stage, ILifecycleObserver observer) => _stages.Subscribe(observerName, stage, observer);

    public void AddMigrationParticipant(IGrainMigrationParticipant participant) => (_participants ??= []).Add(participant);

    public void RemoveMigrationParticipant(IGrainMigrationParticipant participant) => _participants?.Remove(participant);

    public Task StartAsync(CancellationToken cancellationToken) => _stages.IsEmpty ? Task.CompletedTask : _stages.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => _stages.IsEmpty ? Task.CompletedTask : _stages.StopAsync(cancellationToken, null);

    public void Dehydrate(object grain, MigrationValues values)
    {
        foreach (var participant in Participants(grain))
            participant.OnDehydrate(values);
    }

    public void Rehydrate(object grain, MigrationValues values)
    {
        foreach (var participant in Participants(grain))
            participant.OnRehydrate(values);
    }

    private IEnumerable<IGrainMigrationParticipant> Participants(object grain) =>
        (grain is IGrainMigrationParticipant own ? new[] { own } : []).Concat(_participants ?? []);
}
