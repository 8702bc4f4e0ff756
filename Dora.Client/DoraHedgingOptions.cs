namespace Dora.Client;

/// <summary>Second requests beside a worker that is late, to cut the tail of reads. Immutable.</summary>
public sealed record DoraHedgingOptions
{
    /// <summary>
    /// The shortest time, more than zero, after which the next owner is asked beside a worker that is late with a read; default 10 ms. The time itself is
    /// what 95 % of the worker's answers keep. Shorter cuts the tail more and spends more of <see cref="Share"/>.
    /// </summary>
    public TimeSpan MinDelay { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Second requests per read that may be sent, 0 to 1; default 0.05. 0: none.</summary>
    public double Share { get; init; } = 0.05;
}
