namespace Dora.Client;

/// <summary>How reads are cut and how far they run ahead. Immutable.</summary>
public sealed record DoraReadOptions
{
    /// <summary>Longer reads are split into requests of this many bytes, 64 KiB to 16 MiB; default 1 MiB.</summary>
    public int ChunkBytes { get; init; } = 1024 * 1024;

    /// <summary>How many of the requests of one read are in flight at a time, 1 to 64; default 4.</summary>
    public int ParallelChunks { get; init; } = 4;

    /// <summary>
    /// Most bytes that one stream of a file fetches ahead of a reader that goes forward, 0 (off) to 64 MiB; default 2 MiB. In steps of 256 KiB; a reader that
    /// does not have to wait never gets so far ahead.
    /// </summary>
    public int ReadAheadBytes { get; init; } = 2 * 1024 * 1024;

    /// <summary>
    /// How many files of one batch are on their way, or wait to be taken, at a time, 1 to 1,024; default 128. Each takes as much memory as the file has.
    /// </summary>
    public int BatchWindow { get; init; } = 128;
}
