namespace Dora.Storage.Pages.Eviction;

/// <summary>First in, first out: the hand goes on from the oldest record.</summary>
internal sealed class FifoEviction : IEvictionPolicy
{
    private RecordHand _hand;

    public byte OnInsert(in PageKey page, int bytes, bool loaded) => 0;

    public void OnHit(ref byte state, in PageKey page)
    {
        // Uses change nothing.
    }

    public bool TryChoose(IRecordWalk walk, out EvictionCandidate victim) => walk.TryNext(ref _hand, out victim);

    public void OnEvicted(in EvictionCandidate victim, bool evicted)
    {
        // A record that could not be taken is met again on the next lap.
    }
}
