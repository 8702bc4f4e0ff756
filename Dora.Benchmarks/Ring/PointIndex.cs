using System.Numerics;

namespace Dora.Benchmarks.Ring;

/// <summary>Points on a circle of 2^32 places with a bucketed successor search; what ketama and multi-probe share.</summary>
internal sealed class PointIndex
{
    private readonly ulong[] _points;
    private readonly ulong[] _atBucket;
    private readonly int[] _firstOfBucket;
    private readonly int _shift;

    internal PointIndex(RingMember[] members, double pointsPerWeight, int bucketsPerPoint = 2)
    {
        int[] counts = [.. members.Select(m => Math.Max(1, (int)Math.Round(m.Weight * pointsPerWeight)))];
        _points = new ulong[counts.Sum()];
        for (int member = 0, at = 0; member < members.Length; member++)
        {
            (ulong first, ulong second) = Hash.Seeds(members[member].Id);
            for (int i = 0; i < counts[member]; i++)
            {
                _points[at++] = (Hash.Mix(first + ((ulong)i * (second | 1))) & 0xFFFF_FFFF_0000_0000) | (uint)member;
            }
        }

        Array.Sort(_points);
        int bits = BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)Math.Max(2, _points.Length * bucketsPerPoint)));
        _shift = 32 - bits;
        _firstOfBucket = new int[1 << bits];
        _atBucket = new ulong[1 << bits];
        for (int bucket = 0, at = 0; bucket < _firstOfBucket.Length; bucket++)
        {
            while (at < _points.Length && (uint)(_points[at] >> 32) >> _shift < bucket)
            {
                at++;
            }

            _firstOfBucket[bucket] = at;
            _atBucket[bucket] = _points[at < _points.Length ? at : 0];
        }
    }

    internal int Count => _points.Length;

    /// <summary>The first point at or after a place, wrapping around: its distance in the upper half, its member in the lower.</summary>
    internal ulong Successor(uint place)
    {
        ulong from = (ulong)place << 32;
        ulong point = _atBucket[place >> _shift];
        return (point >= from ? point : Scan(from)) - from;
    }

    /// <summary>The arcs that end at the points, as shares of the circle, with the member of each.</summary>
    internal (double Length, int Member)[] Arcs()
    {
        var arcs = new (double, int)[_points.Length];
        for (int i = 0; i < _points.Length; i++)
        {
            uint before = (uint)(_points[i == 0 ? ^1 : i - 1] >> 32);
            uint length = (uint)(_points[i] >> 32) - before;
            arcs[i] = (_points.Length == 1 ? 1.0 : length / 4294967296.0, (int)(uint)_points[i]);
        }

        return arcs;
    }

    private ulong Scan(ulong from)
    {
        for (int at = _firstOfBucket[from >> 32 >> _shift]; at < _points.Length; at++)
        {
            if (_points[at] >= from)
            {
                return _points[at];
            }
        }

        return _points[0];
    }
}
