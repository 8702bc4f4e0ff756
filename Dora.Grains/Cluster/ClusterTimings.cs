namespace Dora.Grains.Cluster;

/// <summary>How fast a worker follows changes of the cluster. The defaults fit a cluster with the tuned failure detection.</summary>
public sealed record ClusterTimings
{
    /// <summary>How often the mount table's version is read from the cluster store. Default 2 s. Changes are also announced, so this is the safety net.</summary>
    public TimeSpan MountPoll { get; init; } = TimeSpan.FromSeconds(2);
}
