using System.Numerics;

namespace Dora.Benchmarks.Metadata;

/// <summary>Counts of nanoseconds in buckets 1/32 wide relative to their value: quantiles to 3 %, with no memory per sample.</summary>
internal sealed class LatencyBuckets
{
    private const int Fraction = 5;
    private readonly long[] _counts = new long[64 << Fraction];
    private long _total;

    internal void Add(long nanoseconds)
    {
        ulong value = (ulong)Math.Max(nanoseconds, 1 << Fraction);
        int magnitude = BitOperations.Log2(value) - Fraction;
        _counts[(magnitude << Fraction) + (int)(value >> magnitude)]++;
        _total++;
    }

    internal void Add(LatencyBuckets other)
    {
        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        _total += other._total;
    }

    /// <summary>Microseconds below which a share of the samples lies.</summary>
    internal double Quantile(double share)
    {
        long left = (long)(share * _total);
        int bucket = 0;
        while (bucket < _counts.Length - 1 && (left -= _counts[bucket]) >= 0)
        {
            bucket++;
        }

        int magnitude = Math.Max((bucket >> Fraction) - 1, 0);
        return ((long)(bucket - (magnitude << Fraction)) << magnitude) / 1000.0;
    }
}
