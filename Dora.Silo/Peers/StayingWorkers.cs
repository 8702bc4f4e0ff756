namespace Dora.Silo.Peers;

/// <summary>The workers that will be there when this one has left, as far as it is known, and who of them will own what.</summary>
/// <param name="others">All other workers.</param>
internal sealed class StayingWorkers(IEnumerable<RingMember> others)
{
    private readonly Lock _lock = new();
    private volatile WorkerRing _ring = new(others);

    /// <summary>The ring of those that stay; may be empty.</summary>
    public WorkerRing Ring => _ring;

    /// <summary>Whether a worker stays.</summary>
    public bool Contains(WorkerId worker) => _ring.Members.Any(m => m.Id == worker);

    /// <summary>Takes a worker off that stops too, or does not answer.</summary>
    public void Remove(WorkerId worker)
    {
        lock (_lock)
        {
            _ring = new WorkerRing(_ring.Members.Where(m => m.Id != worker));
        }
    }
}
