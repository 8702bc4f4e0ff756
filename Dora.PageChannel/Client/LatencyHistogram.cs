using System.Numerics;

namespace Dora.PageChannel.Client;

/// <summary>
/// The recent latencies of one kind of request to one worker: a histogram with four buckets per doubling, halved now and then so that it follows what
/// changes. Quantiles are bounds of buckets, at most a fifth too high. Not locked: a count lost in a race is of no matter.
/// </summary>
internal sealed class LatencyHistogram
{
    /// <summary>Samples before anything is said.</summary>
    public const int MinSamples = 32;

    private const int Octaves = 26;
    private const int PerOctave = 4;
    private const int RefreshEvery = 32;
    private const int HalveAt = 1024;

    private readonly int[] _counts = new int[Octaves * PerOctave];
    private int _total;
    private long _p95;
    private long _p99;

    /// <summary>The latency that 95 % of the requests kept, in microseconds; 0 while too little is known.</summary>
    public long P95 => Volatile.Read(ref _p95);

    /// <summary>The latency that 99 % of the requests kept, in microseconds; 0 while too little is known.</summary>
    public long P99 => Volatile.Read(ref _p99);

    /// <summary>Adds a sample.</summary>
    public void Note(TimeSpan latency)
    {
        _counts[BucketOf((long)latency.TotalMicroseconds)]++;
        if (++_total % RefreshEvery == 0)
        {
            Refresh();
        }
    }

    /// <summary>The upper bound of a bucket in microseconds.</summary>
    internal static long BoundOf(int bucket)
    {
        int octave = bucket / PerOctave, part = bucket % PerOctave;
        return ((PerOctave + part + 1L) << octave) / PerOctave;
    }

    internal static int BucketOf(long microseconds)
    {
        long value = Math.Clamp(microseconds, 1, (1L << Octaves) - 1);
        int octave = BitOperations.Log2((ulong)value);
        int part = (int)((value * PerOctave) >> octave) - PerOctave;
        return (octave * PerOctave) + part;
    }

    private void Refresh()
    {
        int total = 0;
        foreach (int count in _counts)
        {
            total += count;
        }

        Volatile.Write(ref _p95, Quantile(total, 0.95));
        Volatile.Write(ref _p99, Quantile(total, 0.99));
        if (total < HalveAt)
        {
            return;
        }

        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] /= 2;
        }
    }

    private long Quantile(int total, double share)
    {
        int below = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            below += _counts[i];
            if (below >= share * total)
            {
                return BoundOf(i);
            }
        }

        return BoundOf(_counts.Length - 1);
    }
}
