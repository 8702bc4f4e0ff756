using System.Numerics;

namespace Dora.Benchmarks.Pages.Policies;

/// <summary>A count-min sketch of 4-bit counters that are halved after ten accesses per cached page (TinyLFU, Einziger and others, ACM ToS 2017). 8 bytes per page, as Caffeine's.</summary>
internal sealed class FrequencySketch(int capacity)
{
    private const int Rows = 4;
    private const byte Max = 15;

    // One byte per counter keeps the code plain; what is counted is 4 bits.
    private readonly byte[] _counters = new byte[Rows * CountersPerRow(capacity)];
    private readonly int _mask = CountersPerRow(capacity) - 1;
    private readonly int _sample = 10 * capacity;
    private int _added;

    internal void Add(int page)
    {
        bool added = false;
        for (int row = 0; row < Rows; row++)
        {
            ref byte counter = ref Counter(page, row);
            if (counter < Max)
            {
                counter++;
                added = true;
            }
        }

        if (added && ++_added >= _sample)
        {
            for (int i = 0; i < _counters.Length; i++)
            {
                _counters[i] >>= 1;
            }

            _added /= 2;
        }
    }

    internal int Estimate(int page)
    {
        int least = Max;
        for (int row = 0; row < Rows; row++)
        {
            least = Math.Min(least, Counter(page, row));
        }

        return least;
    }

    private static int CountersPerRow(int capacity) => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(4 * capacity, 64));

    private ref byte Counter(int page, int row)
    {
        ulong hash = ((ulong)(uint)page + 1) * 0x9E3779B97F4A7C15 + ((ulong)row * 0xC2B2AE3D27D4EB4F);
        hash = (hash ^ (hash >> 32)) * 0xD6E8FEB86659FD93;
        return ref _counters[(row * (_mask + 1)) + (int)((hash >> 32) & (uint)_mask)];
    }
}
