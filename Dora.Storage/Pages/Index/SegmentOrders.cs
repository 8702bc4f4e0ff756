namespace Dora.Storage.Pages.Index;

/// <summary>The sequence numbers of the segments that records lie in: of two versions of a file found at start, the later put is kept.</summary>
internal sealed class SegmentOrders
{
    private readonly ulong[] _bySlot = new ulong[ushort.MaxValue + 1];

    public const long MemoryBytes = (ushort.MaxValue + 1) * sizeof(ulong);

    public ulong Get(ushort slot) => Volatile.Read(ref _bySlot[slot]);

    public void Set(ushort slot, ulong order) => Volatile.Write(ref _bySlot[slot], order);
}
