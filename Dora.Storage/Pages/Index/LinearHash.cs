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

    /// <summary>
    /// Opens one more bucket when there are more elements per bucket than the load. The caller moves the elements of <paramref name="from"/> whose
    /// hash has a bit of <paramref name="movedBit"/> to <paramref name="to"/>.
    /// </summary>
    public bool TrySplit(long elements, out int from, out int to, out uint movedBit)
    {
        (from, to, movedBit) = (0, _buckets, 0);
        if (elements <= _buckets * load || _buckets >= _heads.Capacity)
        {
            return false;
        }

        movedBit = 1u << BitOperations.Log2((uint)to);
        from = to - (int)movedBit;
        Volatile.Write(ref _buckets, to + 1);
        return true;
    }

    /// <summary>A bucket by its number.</summary>
    public ref int HeadOf(int bucket) => ref _heads[bucket];

    private static int Bucket(uint hash, int buckets)
    {
        uint mask = BitOperations.RoundUpToPowerOf2((uint)buckets) - 1;
        uint bucket = hash & mask;
        return (int)(bucket < (uint)buckets ? bucket : hash & (mask >> 1));
    }
}
