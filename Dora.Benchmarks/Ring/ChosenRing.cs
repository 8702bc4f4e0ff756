namespace Dora.Benchmarks.Ring;

/// <summary>The ring of Dora, <see cref="WorkerRing"/>: weighted rendezvous over slots.</summary>
internal sealed class ChosenRing(RingMember[] members) : IRing
{
    private readonly WorkerRing _ring = new(members);

    public int Owner(FileId file) => _ring.OwnerIndex(file);

    public double[] ExactShares()
    {
        // Slots are contiguous ranges of ids of equal size: one id of each stands for it.
        var shares = new double[members.Length];
        for (ulong slot = 0; slot < 1UL << WorkerRing.SlotBits; slot++)
        {
            shares[_ring.OwnerIndex(new FileId(slot << (64 - WorkerRing.SlotBits), 0))] += 1.0 / (1 << WorkerRing.SlotBits);
        }

        return shares;
    }
}
