namespace Dora.Storage.Pages;

/// <summary>How a worker stores pages.</summary>
public sealed record PageStoreOptions
{
    /// <summary>The smallest capacity: 1 MiB.</summary>
    public const long MinCapacityBytes = 1024 * 1024;

    /// <summary>The directory that holds the segment files; created when missing. One worker at a time may use it. No default.</summary>
    public required string Directory { get; init; }

    /// <summary>
    /// The most bytes of disk the segment files take, in-flight writes included, in bytes. At least <see cref="MinCapacityBytes"/>. Default: 10 GiB.
    /// A page larger than this is never stored.
    /// </summary>
    public long CapacityBytes { get; init; } = 10L * 1024 * 1024 * 1024;

    /// <summary>More directories beside <see cref="Directory"/>, each with its own capacity. Default: none.</summary>
    public IReadOnlyList<PageDirectoryOptions> MoreDirectories { get; init; } = [];

    /// <summary>The largest part of a directory's capacity that pinned pages take, 0 to 0.9; more are stored unpinned. Default: 0.5.</summary>
    public double PinnedShare { get; init; } = 0.5;

    /// <summary>
    /// Bytes at which a segment file is full; a larger page gets a segment of its own. Eviction drops whole segments, so a small value evicts finely
    /// and a large one opens fewer files. Default 0: a sixteenth of the capacity, from 128 KiB to 64 MiB (or capacity / 4,096 when that is more).
    /// </summary>
    public long SegmentBytes { get; init; }

    /// <summary>
    /// After the disk refused a write, how long every put fails at once without trying, so that a full disk costs one failed write per pause and
    /// not one per page. Zero: always try. Default: 1 second.
    /// </summary>
    public TimeSpan FailurePause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The time between two log lines about a refusing disk. Default: 1 minute.</summary>
    public TimeSpan FailureLogInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The segment size in effect.</summary>
    internal long EffectiveSegmentBytes => SegmentBytes > 0
        ? SegmentBytes
        : Math.Clamp(CapacityBytes / 16, 128 * 1024, Math.Max(64L * 1024 * 1024, CapacityBytes / 4096));

    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>.</exception>
    internal void Validate()
    {
        if (string.IsNullOrEmpty(Directory))
        {
            throw new DoraException(DoraErrorCode.Configuration, "the page store has no directory: set one");
        }

        if (CapacityBytes < MinCapacityBytes)
        {
            throw new DoraException(
                DoraErrorCode.Configuration, $"the page store's capacity is {CapacityBytes} bytes: give at least {MinCapacityBytes} (1 MiB)");
        }
    }
}
