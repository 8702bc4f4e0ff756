using System.Diagnostics;
using HdrHistogram;

namespace Dora.Benchmarks.Harness;

/// <summary>How long single operations took, to three digits, with no memory per sample. For one thread; others' are added when it is done.</summary>
internal sealed class Latencies
{
    private const long LongestNanoseconds = 60_000_000_000;
    private const int Digits = 3;

    private readonly IntHistogram _nanoseconds = new(1, LongestNanoseconds, Digits);

    /// <summary>Operations noted.</summary>
    internal long Count => _nanoseconds.TotalCount;

    /// <summary>Notes an operation between two timestamps of <see cref="Stopwatch"/>.</summary>
    internal void Add(long start, long end) =>
        _nanoseconds.RecordValue(Math.Clamp((end - start) * (1_000_000_000 / Stopwatch.Frequency), 1, LongestNanoseconds));

    /// <summary>Adds what another has noted.</summary>
    internal void Add(Latencies other) => _nanoseconds.Add(other._nanoseconds);

    /// <summary>Forgets all.</summary>
    internal void Clear() => _nanoseconds.Reset();

    /// <summary>Microseconds that a share of the operations, for example 0.99, did not exceed.</summary>
    internal double Microseconds(double share) => _nanoseconds.GetValueAtPercentile(100 * share) / 1000.0;
}
