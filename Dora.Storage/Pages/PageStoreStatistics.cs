namespace Dora.Storage.Pages;

/// <summary>A page store's state and counters since start.</summary>
/// <param name="Pages">Pages with at least one byte stored.</param>
/// <param name="Bytes">Bytes of disk in use, headers included.</param>
/// <param name="CapacityBytes">The cap on <see cref="Bytes"/>.</param>
/// <param name="Hits">Reads that were served whole.</param>
/// <param name="Misses">Reads that were not.</param>
/// <param name="Evicted">Pages evicted for room.</param>
/// <param name="Damaged">Records dropped because a checksum or header was wrong.</param>
/// <param name="WriteFailures">Writes the disk refused.</param>
public readonly record struct PageStoreStatistics(
    long Pages, long Bytes, long CapacityBytes, long Hits, long Misses, long Evicted, long Damaged, long WriteFailures);
