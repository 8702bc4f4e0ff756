using Dora.PageChannel.Codec;

namespace Dora.PageChannel.Client;

/// <summary>
/// What is known of a worker's latency, and what follows from it: how long to wait for an answer, and when to ask somebody else beside it (the tail at
/// scale, Dean and Barroso 2013). Small requests, large ones and whole files, whose length is not known before, are measured apart: they differ by a factor
/// of ten and more.
/// </summary>
internal sealed class WorkerLatency
{
    /// <summary>How many times as long a worker that lives is waited for.</summary>
    public const int AliveFactor = 4;

    private const int Small = 64 * 1024;
    private const int TimeoutFactor = 8;

    private readonly LatencyHistogram _small = new();
    private readonly LatencyHistogram _large = new();
    private readonly LatencyHistogram _files = new();

    // In microseconds, for comparing workers: rises slowly and falls fast, so that a worker with a bad start (a connection, cold code) is soon asked again.
    private long _mean;

    /// <summary>The moving average in microseconds; 0 before the first answer.</summary>
    public long Mean => Volatile.Read(ref _mean);

    /// <summary>Notes how long a request took, or how long it was waited for in vain.</summary>
    public void Note(in ChannelRequest request, TimeSpan elapsed)
    {
        if (request.TakesItsTime)
        {
            return;
        }

        Of(request).Note(elapsed);
        long sample = Math.Max(1, (long)elapsed.TotalMicroseconds), mean = _mean;
        Volatile.Write(ref _mean, mean == 0 || sample < mean / 4 ? sample : Math.Max(1, mean + ((sample - mean) / (sample > mean ? 8 : 2))));
    }

    /// <summary>
    /// How long to wait for a worker that shows no sign of life: eight times what 99 % of the answers keep, between the bounds; the upper bound while too
    /// little is known. One that answers pings is waited for <see cref="AliveFactor"/> times as long: its store may be slow.
    /// </summary>
    public TimeSpan Timeout(in ChannelRequest request, TimeSpan min, TimeSpan max) => Bound(Of(request).P99 * TimeoutFactor, min, max);

    /// <summary>When to ask another worker too: what 95 % keep, between the bounds; the upper bound while too little is known.</summary>
    public TimeSpan HedgeDelay(in ChannelRequest request, TimeSpan min, TimeSpan max) => Bound(Of(request).P95, min, max);

    private static TimeSpan Bound(long microseconds, TimeSpan min, TimeSpan max)
    {
        TimeSpan wanted = TimeSpan.FromMicroseconds(microseconds);
        return microseconds == 0 || wanted > max ? max : wanted < min ? (min < max ? min : max) : wanted;
    }

    private LatencyHistogram Of(in ChannelRequest request) => request.Opcode switch
    {
        PageChannelOpcode.ReadFile => _files,
        PageChannelOpcode.Read when request.Wanted > Small => _large,
        _ => _small,
    };
}
