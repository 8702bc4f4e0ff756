namespace Dora.Storage.Metadata;

/// <summary>Where a worker keeps metadata, for how long, and how much of it in memory.</summary>
public sealed record MetadataStoreOptions
{
    /// <summary>The least memory a store works with, in bytes.</summary>
    public const long MinMemoryBudget = 4 << 20;

    /// <summary>The RocksDB directory, one per worker; created when missing. A damaged one is renamed to <c>NAME.damaged-UTC</c> beside it.</summary>
    public required string Directory { get; init; }

    /// <summary>
    /// How long an entry is kept, counted from <see cref="FileMetadata.LoadedAt"/> by the wall clock, restarts included. Default 7 days. Longer keeps
    /// more of a rarely used tree warm and takes more disk. Whether a kept entry is fresh enough is the mount's rule, not this one.
    /// </summary>
    public TimeSpan TimeToLive { get; init; } = TimeSpan.FromDays(7);

    /// <summary>The same for negative entries. Default 30 seconds: longer hides new files, shorter asks the store more often for absent ones.</summary>
    public TimeSpan NegativeTimeToLive { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How far in the future a stamp may lie and still count. Default 1 minute. An entry stamped later comes from before the clock was set back: its age is
    /// unknown, so it is dropped.
    /// </summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Memory of the whole store in bytes: entries in memory, RocksDB's write buffers, its tables' indexes and its block cache. A hard cap, taken as the files come: 37 bytes
    /// each. At least 4 MiB; default <see cref="DefaultMemoryBudget"/>. Fewer costs a disk lookup (a few microseconds) for what does not fit.
    /// </summary>
    public long MemoryBudgetBytes { get; init; } = DefaultMemoryBudget;

    /// <summary>
    /// A twelfth of the memory that the process may use (a container's limit counts), at least 256 MiB, at most 1,920 MiB: enough for 48 million files with the whole
    /// process below 2 GiB.
    /// </summary>
    public static long DefaultMemoryBudget { get; } = Math.Clamp(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 12, 256L << 20, 1920L << 20);

    /// <summary>Entries in memory at most, below what the budget allows. Default: no further limit.</summary>
    public int MemoryEntries { get; init; } = int.MaxValue;

    /// <summary>How often entries past their time to live are looked for on disk, a bounded number each time. Default 1 minute.</summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether the memory level is filled from disk in the background after a start. Default: yes.</summary>
    public bool WarmsMemory { get; init; } = true;

    /// <summary>
    /// An eighth of the budget, at most 32 MiB, for all families. While full buffers are written to disk the next ones fill, so they may take twice this for a moment.
    /// </summary>
    internal long WriteBufferBytes => Math.Min(MemoryBudgetBytes / 8, 32L << 20);

    /// <summary>A sixteenth of the budget, at most 8 MiB: nothing that Dora reads stays in it.</summary>
    internal long BlockCacheBytes => Math.Min(MemoryBudgetBytes / 16, 8L << 20);

    /// <summary>A quarter of the budget, at most 96 MiB, stays free for what has no bound of its own: iterators, compaction, garbage.</summary>
    internal long ReserveBytes => Math.Min(MemoryBudgetBytes / 4, 96L << 20);

    /// <summary>What is left for entries in memory. The tables' indexes and filters grow with the number of files, 2 bytes each.</summary>
    internal long MemoryLevelBytes(long tableBytes) =>
        Math.Max(MemoryBudgetBytes / 32, MemoryBudgetBytes - ReserveBytes - (2 * WriteBufferBytes) - BlockCacheBytes - tableBytes);

    /// <summary>Checks ranges, all at once.</summary>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>, naming every option out of range.</exception>
    public void Validate()
    {
        List<string> errors = [];
        Require(!string.IsNullOrWhiteSpace(Directory), nameof(Directory), "a path");
        Require(TimeToLive > TimeSpan.Zero, nameof(TimeToLive), "above zero");
        Require(NegativeTimeToLive >= TimeSpan.Zero, nameof(NegativeTimeToLive), "zero or more");
        Require(ClockSkew >= TimeSpan.Zero, nameof(ClockSkew), "zero or more");
        Require(MemoryEntries >= 1, nameof(MemoryEntries), "1 or more");
        Require(MemoryBudgetBytes >= MinMemoryBudget, nameof(MemoryBudgetBytes), $"{MinMemoryBudget} or more");
        Require(SweepInterval > TimeSpan.Zero, nameof(SweepInterval), "above zero");
        if (errors.Count > 0)
        {
            throw new DoraException(DoraErrorCode.Configuration, "metadata store: " + string.Join("; ", errors));
        }

        void Require(bool holds, string name, string range)
        {
            if (!holds)
            {
                errors.Add($"{name} must be {range}");
            }
        }
    }
}
