namespace Dora.Storage.Metadata;

/// <summary>A metadata store's state and counters since start.</summary>
/// <param name="Entries">Entries on disk (an estimate is enough).</param>
/// <param name="MemoryEntries">Entries in memory.</param>
/// <param name="MemoryBytes">Bytes those take, estimated.</param>
/// <param name="MemoryHits">Lookups answered from memory.</param>
/// <param name="DiskHits">Lookups answered from disk.</param>
/// <param name="Misses">Lookups without an answer.</param>
/// <param name="WriteFailures">Writes the disk refused.</param>
public readonly record struct MetadataStoreStatistics(
    long Entries, long MemoryEntries, long MemoryBytes, long MemoryHits, long DiskHits, long Misses, long WriteFailures);
