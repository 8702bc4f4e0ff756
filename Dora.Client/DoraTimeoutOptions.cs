namespace Dora.Client;

/// <summary>How long a client waits for what. Immutable; all more than zero.</summary>
public sealed record DoraTimeoutOptions
{
    /// <summary>For connecting as a whole; default 15 s. Then <see cref="DoraErrorCode.Unavailable"/>.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>For one operation over all workers and retries; default 30 s. Then <see cref="DoraErrorCode.Unavailable"/>.</summary>
    public TimeSpan Operation { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The most for one request to one worker before the next worker is asked; default 2 s, doubled each time all workers have been asked. Too short costs
    /// double work on slow stores; too long delays the next worker. A worker that is hung is noticed earlier, see <see cref="Hung"/>.
    /// </summary>
    public TimeSpan Request { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// The shortest time after which a worker that neither answers nor shows a sign of life is given up for a request; default 0.3 s. The time itself
    /// follows the worker's measured latency (eight times what 99 % of its answers keep), between this and <see cref="Request"/>. Too short takes a busy
    /// worker for a dead one.
    /// </summary>
    public TimeSpan MinRequest { get; init; } = TimeSpan.FromSeconds(0.3);

    /// <summary>
    /// How long a worker with requests in flight may show no sign of life (it is pinged after half of that); default 1 s. Then its connection is given up
    /// and the next worker is asked. Too short takes a busy worker for a dead one.
    /// </summary>
    public TimeSpan Hung { get; init; } = TimeSpan.FromSeconds(1);
}
