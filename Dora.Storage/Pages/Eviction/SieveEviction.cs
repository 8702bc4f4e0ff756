namespace Dora.Storage.Pages.Eviction;

/// <summary>SIEVE (Zhang and others, NSDI 2024): the hand goes from old to new, clears the marks of used records and takes the first without one. Nothing is moved, so it fits an append-only log as it is.</summary>
internal sealed class SieveEviction : IEvictionPolicy
{
    private RecordHand _hand;

    public byte OnInsert(in PageKey page, int bytes, bool loaded) => 0;

    public void OnHit(ref byte state, in PageKey page)
    {
        if (state == 0)
        {
            state = 1;
        }
    }

    public bool TryChoose(IRecordWalk walk, out EvictionCandidate victim)
    {
        for (long steps = (2 * walk.Count) + 1; steps > 0 && walk.TryNext(ref _hand, out victim); steps--)
        {
            ref byte state = ref walk.State(victim.Id);
            if (state == 0)
            {
                return true;
            }

            state = 0;
        }

        victim = default;
        return false;
    }

    public void OnEvicted(in EvictionCandidate victim, bool evicted)
    {
        // A record that could not be taken is met again on the next lap.
    }
}
