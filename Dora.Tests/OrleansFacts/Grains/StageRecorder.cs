namespace Dora.Tests.OrleansFacts.Grains;

/// <summary>Notes when the stages of its silo start and stop, and what the silo's status is then.</summary>
internal sealed class StageRecorder(ILocalSiloDetails silo, IClusterMembershipService membership) : ILifecycleParticipant<ISiloLifecycle>
{
    internal static readonly (int Stage, string Name)[] Stages =
    [
        (ServiceLifecycleStage.RuntimeInitialize, nameof(ServiceLifecycleStage.RuntimeInitialize)),
        (ServiceLifecycleStage.RuntimeServices, nameof(ServiceLifecycleStage.RuntimeServices)),
        (ServiceLifecycleStage.RuntimeStorageServices, nameof(ServiceLifecycleStage.RuntimeStorageServices)),
        (ServiceLifecycleStage.RuntimeGrainServices, nameof(ServiceLifecycleStage.RuntimeGrainServices)),
        (ServiceLifecycleStage.ApplicationServices, nameof(ServiceLifecycleStage.ApplicationServices)),
        (ServiceLifecycleStage.BecomeActive, nameof(ServiceLifecycleStage.BecomeActive)),
        (ServiceLifecycleStage.Active, nameof(ServiceLifecycleStage.Active)),
    ];

    internal static Journal Of(SiloAddress silo) => Journal.Of($"stages of {silo}");

    public void Participate(ISiloLifecycle lifecycle)
    {
        // Subscribed in another order than they run.
        foreach ((int stage, string name) in Stages.Reverse())
            lifecycle.Subscribe(nameof(StageRecorder), stage, _ => NoteAsync($"start {name}"), _ => NoteAsync($"stop {name}"));
        lifecycle.Subscribe(nameof(StageRecorder), ServiceLifecycleStage.Active, _ => StatusAsync("start"), _ => StatusAsync("stop"));
    }

    private async Task NoteAsync(string entry)
    {
        await Task.Yield();
        Of(silo.SiloAddress).Add(entry);
    }

    private Task StatusAsync(string when)
    {
        Journal.Of($"status of {silo.SiloAddress}").Add($"{when} {membership.CurrentSnapshot.GetSiloStatus(silo.SiloAddress)}");
        return Task.CompletedTask;
    }
}
