using Dora.PageChannel.Client;
using Dora.PageChannel.Transport;

namespace Dora.Client;

/// <summary>How a client reaches the workers' memory: connections, and the shorter ways on one host. Immutable.</summary>
public sealed record DoraChannelOptions
{
    /// <summary>TCP connections per worker, 1 to 64, each opened when first needed; default 4. Small requests use the first half of them.</summary>
    public int ConnectionsPerWorker { get; init; } = 4;

    /// <summary>
    /// How long a thread of this client that receives answers polls for the next one before it sleeps, 0 to 1 ms; default 50 us. 0: not at all. Cuts the
    /// round trip to a near worker; where it does not, it stops by itself. At most half the processors poll; with one processor nobody does.
    /// </summary>
    public TimeSpan PollTime { get; init; } = SocketPoller.DefaultTime;

    /// <summary>
    /// The workers of this process, for a client that lives in a worker's: what they have in memory is read without a socket, the rest takes the page channel
    /// all the same. Default <see langword="null"/>: none.
    /// </summary>
    public LocalWorkers? LocalWorkers { get; init; }

    /// <summary>
    /// Whether cached pages of workers on this host that are started with <c>--same-host</c> are read from their files instead of over a socket; default true. What
    /// cannot be read so takes the page channel all the same. Linux only.
    /// </summary>
    public bool UseSameHost { get; init; } = true;
}
