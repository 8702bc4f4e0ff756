namespace Dora.Interfaces;

/// <summary>The active workers of one membership version, and the mounts.</summary>
/// <param name="ClusterId">Names the cluster; the page channel's hello carries it, so that nobody talks to another cluster by mistake.</param>
/// <param name="MembershipVersion">Grows with every membership change.</param>
/// <param name="Workers">The active workers, ordered by id.</param>
/// <param name="Mounts">The mount table.</param>
[GenerateSerializer, Immutable, Alias("Dora.ClusterView")]
public sealed record ClusterView(
    [property: Id(0)] string ClusterId,
    [property: Id(1)] long MembershipVersion,
    [property: Id(2)] WorkerView[] Workers,
    [property: Id(3)] MountTableView Mounts)
{
    /// <summary>The snapshot of a view; builds the ring.</summary>
    public ClusterSnapshot ToSnapshot() => new(MembershipVersion, Workers.Select(static w => w.ToInfo()), Mounts.ToTable());
}

/// <summary>A worker as it travels.</summary>
/// <param name="Id">The stable worker id.</param>
/// <param name="Host">IP address or host name.</param>
/// <param name="PagePort">TCP port of the page channel.</param>
/// <param name="HttpPort">TCP port of the HTTP door, or 0.</param>
/// <param name="Weight">Share of keys relative to other workers.</param>
[GenerateSerializer, Immutable, Alias("Dora.WorkerView")]
public sealed record WorkerView(
    [property: Id(0)] string Id,
    [property: Id(1)] string Host,
    [property: Id(2)] int PagePort,
    [property: Id(3)] int HttpPort,
    [property: Id(4)] int Weight)
{
    /// <summary>The view of a worker.</summary>
    public static WorkerView From(WorkerInfo worker) => new(worker.Id.Value, worker.Host, worker.PagePort, worker.HttpPort, worker.Weight);

    /// <summary>The worker of a view.</summary>
    public WorkerInfo ToInfo() => new(new WorkerId(Id), Host, PagePort, HttpPort, Weight);
}
