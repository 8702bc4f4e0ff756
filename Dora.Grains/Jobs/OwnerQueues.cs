namespace Dora.Grains.Jobs;

/// <summary>Files that wait to be loaded, by the workers that own them now.</summary>
internal sealed class OwnerQueues(IClusterState cluster)
{
    private readonly Dictionary<WorkerId, OwnerQueue> _queues = [];
    private WorkerRing? _ring;

    /// <summary>Files that wait.</summary>
    public int Count => _queues.Values.Sum(static q => q.Count);

    /// <summary>Workers that have files waiting or under way.</summary>
    public int Owners => _queues.Values.Count(static q => q.Count + q.Running > 0);

    /// <summary>Adds a file.</summary>
    /// <returns><see langword="false"/>: there is no worker.</returns>
    public bool TryAdd(in LoadFile file)
    {
        if (cluster.Current.OwnerOf(FileId.FromUfsPath(file.Stat.UfsPath)) is not { } owner)
        {
            return false;
        }

        if (!_queues.TryGetValue(owner.Id, out OwnerQueue? queue))
        {
            _queues.Add(owner.Id, queue = new OwnerQueue(owner.Id));
        }

        queue.Add(file);
        return true;
    }

    /// <summary>The queue that is to send its next batch: of those with files the one with the fewest on their way.</summary>
    public OwnerQueue? Next() => _queues.Values.Where(static q => q.Count > 0).MinBy(static q => q.Running);

    /// <summary>After a change of the ring the files go to the queues of their new owners.</summary>
    /// <returns>Those that have none.</returns>
    public IReadOnlyList<LoadFile> FollowRing()
    {
        WorkerRing ring = cluster.Current.Ring;
        if (ReferenceEquals(ring, _ring))
        {
            return [];
        }

        _ring = ring;
        LoadFile[] all = [.. _queues.Values.SelectMany(static q => q.Clear())];
        foreach (OwnerQueue left in _queues.Values.Where(static q => q.Running == 0).ToArray())
        {
            _queues.Remove(left.Owner);
        }

        return [.. all.Where(f => !TryAdd(f))];
    }
}
