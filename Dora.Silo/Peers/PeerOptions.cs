using Dora.PageChannel.Client;

namespace Dora.Silo.Peers;

/// <summary>How a worker asks others for cached bytes.</summary>
internal sealed record PeerOptions
{
    /// <summary>How many others are asked for one extent.</summary>
    public const int MaxAsked = 2;

    /// <summary>For how long after a change of the ring an owner asks those before it. Default 10 min.</summary>
    public TimeSpan AfterChange { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// An owner asks those before it: how long one is waited for that shows no sign of life, at least; more, up to <see cref="MaxSilence"/>, where its answers take
    /// long (eight times what 99 % of them keep). Default 0.5 s: a busy worker answers a ping in that. A dead one is asked once, and then not until it answers a ping.
    /// </summary>
    public TimeSpan MinSilence { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>The longest such wait, connecting included, and the wait while little is known. Default 1 s.</summary>
    public TimeSpan MaxSilence { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long after a worker that owned files before fell silent questions about them wait for it to come back, before the store is asked. Counts from the
    /// silence on, not for each question. Default 0.25 s.
    /// </summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(0.25);

    /// <summary>The longest that all workers before it together may delay an owner's read, however alive they are; then the store is asked. Default 2 s.</summary>
    public TimeSpan Limit { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// A worker that does not own the file asks the owner: how long that one is waited for without a sign of life. Default 0.25 s: the reader came here because it
    /// has given the owner up, as often as not.
    /// </summary>
    public TimeSpan StandInSilence { get; init; } = TimeSpan.FromSeconds(0.25);

    /// <summary>The longest that the owner, however alive, may delay such a read. Default 0.5 s.</summary>
    public TimeSpan StandInLimit { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>The longest that other workers, however many and alive they are, may delay a stat. Default 0.25 s: then the store is asked.</summary>
    public TimeSpan StatLimit { get; init; } = TimeSpan.FromSeconds(0.25);

    /// <summary>How long a worker that lives is waited for that was asked for a batch of metadata; then it is asked again. Default 10 s.</summary>
    public TimeSpan BatchLimit { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes of one question. Default 1 MiB.</summary>
    public int ReadBytes { get; init; } = 1024 * 1024;

    /// <summary>How often one worker is asked for the same bytes when it is busy, or was lost and is back.</summary>
    public const int MaxTries = 3;

    /// <summary>How the channels to other workers behave: a suspicion among workers of one cluster is checked at once.</summary>
    public ChannelOptions Channel(ChannelOptions channel) => channel with { ConnectTimeout = MaxSilence, ProbeDelay = ProbeDelay };

    private static readonly TimeSpan ProbeDelay = TimeSpan.FromMilliseconds(25);
}
