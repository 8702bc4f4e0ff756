namespace Dora.Client;

/// <summary>Files that this client reads very often are read from several workers, whatever their mounts say. Immutable.</summary>
public sealed record DoraHotFileOptions
{
    /// <summary>From how many reads per second by this client on a file counts as hot, 0 or more; default 5,000. 0: never.</summary>
    public int ReadsPerSecond { get; init; } = 5000;

    /// <summary>Over how many workers reads of a hot file are spread, 1 to 8; default 3.</summary>
    public int Replicas { get; init; } = 3;
}
