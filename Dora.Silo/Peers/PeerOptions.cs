namespace Dora.Silo.Peers;

/// <summary>How a worker asks others for cached bytes.</summary>
internal sealed record PeerOptions
{
    /// <summary>How many others are asked for one extent.</summary>
    public const int MaxAsked = 2;

    /// <summary>For how long after a change of the ring an owner asks those before it. Default 10 min.</summary>
    public TimeSpan AfterChange { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long one question may take; then the store is asked. Default 0.5 s: a busy worker answers in that; a dead one is asked once, and then not until it answers a ping.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(0.5);

    /// <summary>Bytes of one question. Default 1 MiB.</summary>
    public int ReadBytes { get; init; } = 1024 * 1024;
}
