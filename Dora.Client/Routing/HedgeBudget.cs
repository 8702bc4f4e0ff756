namespace Dora.Client.Routing;

/// <summary>
/// Bounds the extra load of second requests: every request earns a share of one, and what is not spent is kept up to a burst. Without it a cluster that
/// is slow because it is busy would be asked everything twice.
/// </summary>
/// <param name="share">Second requests per request, 0 to 1; 0: none at all.</param>
internal sealed class HedgeBudget(double share)
{
    private const long One = 10_000;
    private const long Burst = 16 * One;

    private readonly long _earned = (long)(share * One);
    private long _credit = share > 0 ? Burst : 0;
    private long _spent;

    /// <summary>Second requests so far.</summary>
    public long Spent => Interlocked.Read(ref _spent);

    /// <summary>Whether there are second requests at all.</summary>
    public bool IsOn => _earned > 0;

    /// <summary>Counts a request.</summary>
    public void Earn()
    {
        if (Volatile.Read(ref _credit) < Burst)
        {
            Interlocked.Add(ref _credit, _earned);
        }
    }

    /// <summary>Takes a second request off the budget, unless it is spent.</summary>
    public bool TrySpend()
    {
        if (Interlocked.Add(ref _credit, -One) < 0)
        {
            Interlocked.Add(ref _credit, One);
            return false;
        }

        Interlocked.Increment(ref _spent);
        return true;
    }
}
