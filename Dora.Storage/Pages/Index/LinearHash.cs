using System.Numerics;

namespace Dora.Storage.Pages.Index;

/// <summary>
/// The buckets of a chained hash table that grows one bucket at a time (Litwin, "Linear hashing: a new tool for file and table addressing",
/// VLDB 1980): no moment of rehashing, no half-empty table after a doubling. A bucket is the slot of its first element, 0 when empty.
/// </summary>
/// <param name="load">Elements per bucket.</param>
internal sealed class LinearHash(double load)
{
    private readonly ChunkedArray<int> _heads = new();
    private int _buckets = 1;

    public long MemoryBytes => _heads.MemoryBytes;

    /// <summary>The first slot of a bucket; for whoever holds the lock and has called <see cref="Reserve"/> once.</summary>
    public ref int Head(uint hash) => ref _heads[Bucket(hash, _buckets)];

    /// <summary>The first slot of a bucket as seen without the lock.</summary>
    public int Peek(uint hash) => _heads.Peek(Bucket(hash, Volatile.Read(ref _buckets)));

    /// <summary>Makes memory for the next split.</summary>
    public void Reserve()
    {
        if (_buckets >= _heads.Capacity)
        {
            _heads.Grow();
        }
    }

    /// <summary>Opens one more bucket when there are more elements per bucket than the load, and moves what belongs there.</summary>
    /// <param name="entries">The elements, linked from the buckets.</param>
    /// <param name="count">How many of them are in buckets.</param>
    public void Split<TEntry>(ChunkedArray<TEntry> entries, long count)
        where TEntry : unmanaged, IChainedEntry
    {
        int to = _buckets;
        if (count <= to * load || to >= _heads.Capacity)
        {
            return;
        }

        uint movedBit = 1u << BitOperations.Log2((uint)to);
        Volatile.Write(ref _buckets, to + 1);
        ref int stays = ref _heads[to - (int)movedBit];
        ref int moves = ref _heads[to];
        int slot = stays;
        (stays, moves) = (0, 0);
        while (slot != 0)
        {
            ref TEntry entry = ref entries[slot];
            int next = entry.Next;
            ref int head = ref (entry.Hash & movedBit) != 0 ? ref moves : ref stays;
            entry.Next = head;
            head = slot;
            slot = next;
        }
    }

    /// <summary>Takes an element out of the list that starts at a slot.</summary>
    /// <returns>Where the list starts now.</returns>
    public static int Unlink<TEntry>(ChunkedArray<TEntry> entries, int first, int slot)
        where TEntry : unmanaged, IChainedEntry
    {
        int next = entries[slot].Next;
        if (first == slot)
        {
            return next;
        }

        int before = first;
        while (entries[before].Next != slot)
        {
            before = entries[before].Next;
        }

        entries[before].Next = next;
        return first;
    }

    private static int Bucket(uint hash, int buckets)
    {
        uint mask = BitOperations.RoundUpToPowerOf2((uint)buckets) - 1;
        uint bucket = hash & mask;
        return (int)(bucket < (uint)buckets ? bucket : hash & (mask >> 1));
    }
}
