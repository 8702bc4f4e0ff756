using Dora.Storage.Pages.Volumes;

namespace Dora.Storage.Pages;

/// <summary>A page store's state and counters since start.</summary>
/// <param name="Pages">Pages with at least one byte stored.</param>
/// <param name="Bytes">Bytes of disk in use, headers and the index checkpoint included.</param>
/// <param name="CapacityBytes">The cap on <see cref="Bytes"/>.</param>
/// <param name="Hits">Reads that were served whole.</param>
/// <param name="Misses">Reads that were not.</param>
/// <param name="Evicted">Pages evicted for room.</param>
/// <param name="Damaged">Records dropped because a checksum or header was wrong.</param>
/// <param name="WriteFailures">Writes the disk refused.</param>
public readonly record struct PageStoreStatistics(
    long Pages, long Bytes, long CapacityBytes, long Hits, long Misses, long Evicted, long Damaged, long WriteFailures)
{
    /// <summary>Records that a checkpoint named and that had been given back before a crash; dropped when found.</summary>
    public long Stale { get; init; }

    /// <summary>Records dropped because their mount's time to live was over.</summary>
    public long Expired { get; init; }

    /// <summary>Records that are cached no more, whatever for: evicted, expired, damaged, freed, on a directory that broke, or of an earlier version. While it stays the same, nothing that was cached is lost.</summary>
    public long Dropped { get; init; }

    /// <summary>Bytes that the scrubber read.</summary>
    public long ScrubbedBytes { get; init; }

    /// <summary>Bytes moved to tidy up segments.</summary>
    public long MovedBytes { get; init; }

    /// <summary>Payload bytes that eviction passes over.</summary>
    public long PinnedBytes { get; init; }

    /// <summary>Bytes that readers were given, whole reads or parts. What other processes read from the segments by themselves is not known here.</summary>
    public long ServedBytes { get; init; }

    /// <summary>Memory of the index in bytes.</summary>
    public long IndexBytes { get; init; }

    /// <summary>Checkpoints of the index written since start.</summary>
    public int Checkpoints { get; init; }

    /// <summary>The directories.</summary>
    public IReadOnlyList<PageDirectoryStatistics> Directories { get; init; } = [];
}
