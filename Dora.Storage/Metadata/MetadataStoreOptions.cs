namespace Dora.Storage.Metadata;

/// <summary>Where a worker keeps metadata, for how long, and how much of it in memory.</summary>
public sealed record MetadataStoreOptions
{
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

    /// <summary>Entries in memory at most. Default 1,000,000.</summary>
    public int MemoryEntries { get; init; } = 1_000_000;

    /// <summary>Estimated bytes of those at most. Default 256 MiB.</summary>
    public long MemoryBytes { get; init; } = 256L << 20;

    /// <summary>RocksDB's own block cache in bytes, off the managed heap. Default 64 MiB.</summary>
    public long BlockCacheBytes { get; init; } = 64L << 20;

    /// <summary>How often entries past their time to live are looked for on disk, a bounded number each time. Default 1 minute.</summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromMinutes(1);

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
        Require(MemoryBytes >= 4096, nameof(MemoryBytes), "4096 or more");
        Require(BlockCacheBytes >= 0, nameof(BlockCacheBytes), "zero or more");
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
