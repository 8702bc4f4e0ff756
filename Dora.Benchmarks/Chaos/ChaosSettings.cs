namespace Dora.Benchmarks.Chaos;

/// <summary>How long things take in a chaos run.</summary>
/// <param name="Before">How long the load is watched before each event.</param>
/// <param name="Fault">How long the proxies misbehave.</param>
/// <param name="Watch">How long the load is watched after each event.</param>
/// <param name="Stopped">How long a worker is held by SIGSTOP.</param>
/// <param name="Readers">Readers at the same time.</param>
/// <param name="Files">Files of about 1 MiB.</param>
internal sealed record ChaosSettings(TimeSpan Before, TimeSpan Fault, TimeSpan Watch, TimeSpan Stopped, int Readers, int Files)
{
    /// <summary>As the target is stated.</summary>
    internal static ChaosSettings Full { get; } = new(
        TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(20), Readers: 6, Files: 48);

    /// <summary>The same events in less time.</summary>
    internal static ChaosSettings Quick { get; } = new(
        TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3.5), TimeSpan.FromSeconds(6), Readers: 6, Files: 24);

    /// <summary>How long everything runs before the first event is prepared: a baseline of cold code would make every recovery look good.</summary>
    internal TimeSpan WarmUp { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>Pause of a reader after each read.</summary>
    internal TimeSpan Pace { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Whether the page channel is behind TLS and a token; without it nobody could tell a byte that flips on the way.</summary>
    internal bool IsSecured { get; init; } = true;

    /// <summary>Workers at the start.</summary>
    internal int Workers { get; init; } = 3;

    /// <summary>Whether the client goes through proxies.</summary>
    internal bool UsesProxies { get; init; } = true;

    /// <summary>Seeds files, ranges and faults.</summary>
    internal int Seed { get; init; } = 4;
}
