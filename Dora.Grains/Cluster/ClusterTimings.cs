namespace Dora.Grains.Cluster;

/// <summary>How fast a worker follows changes of the cluster. The defaults fit a cluster with the tuned failure detection.</summary>
public sealed record ClusterTimings
{
    /// <summary>How often the mount table's version is read from the cluster store. Default 2 s. Changes are also announced, so this is the safety net.</summary>
    public TimeSpan MountPoll { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Pause between a change and moving file grains, so that a burst of changes moves them once. Default 0.2 s.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(0.2);

    /// <summary>How often file grains that live on the wrong worker are looked for without a change. Default 3 s.</summary>
    public TimeSpan Sweep { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a stopping worker waits for its file grains to move to the others. Default 5 s; then they start fresh elsewhere.</summary>
    public TimeSpan Drain { get; init; } = TimeSpan.FromSeconds(5);
}
