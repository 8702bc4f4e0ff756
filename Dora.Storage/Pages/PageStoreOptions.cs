using Dora.Storage.Pages.Eviction;
using Dora.Storage.Pages.Volumes;

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
    /// Bytes at which a segment file is full, at most 1 GiB; a larger record gets a segment of its own. Default 0: a sixteenth of the directory's capacity,
    /// from 128 KiB to 64 MiB (or capacity / 4,096 when that is more).
    /// </summary>
    public long SegmentBytes { get; init; }

    /// <summary>Eviction in the background starts when a directory is fuller than this part of its capacity. Default: 0.98.</summary>
    public double HighMark { get; init; } = 0.98;

    /// <summary>Eviction in the background ends here. Default: 0.96.</summary>
    public double LowMark { get; init; } = 0.96;

    /// <summary>
    /// The longest time between two checkpoints of the index while pages change. A start reads what was put since; without any checkpoint it reads the head
    /// of every record, while it serves. One is written at close too. Default: 5 minutes.
    /// </summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Bytes per second that the scrubber reads of all directories together; 0 turns it off. Default: 4 MiB, which is 1 TB in three days.</summary>
    public long ScrubBytesPerSecond { get; init; } = 4L * 1024 * 1024;

    /// <summary>The first pause before a directory that failed is tried again; it doubles up to five minutes. Default: 1 second.</summary>
    public TimeSpan ProbePause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// After the disk refused a write, how long every put to that directory fails at once without trying, so that a refusing disk costs one failed write per
    /// pause and not one per page. Zero: always try. Default: 1 second.
    /// </summary>
    public TimeSpan FailurePause { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The time between two log lines about a refusing disk. Default: 1 minute.</summary>
    public TimeSpan FailureLogInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Whether the pages of a file, brought by the mount with this tag, belong to this worker; those that do not are evicted first. Asked while evicting, so it must be fast. Default: all belong.
    /// </summary>
    public Func<FileId, ushort, bool>? Belongs { get; init; }

    /// <summary>The eviction policy; docs/page-store-eviction.md has the measurement behind the default.</summary>
    internal EvictionPolicyKind Eviction { get; init; } = EvictionPolicyKind.Frequency;

    /// <summary>All directories.</summary>
    internal IEnumerable<PageDirectoryOptions> AllDirectories => MoreDirectories.Prepend(new PageDirectoryOptions(Directory, CapacityBytes));

    /// <summary>The segment size in effect.</summary>
    internal long SegmentBytesFor(long capacityBytes) => Math.Min(
        1L << 30,
        SegmentBytes > 0 ? SegmentBytes : Math.Clamp(capacityBytes / 16, 128 * 1024, Math.Max(64L * 1024 * 1024, capacityBytes / 4096)));

    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>.</exception>
    internal void Validate()
    {
        if (string.IsNullOrEmpty(Directory))
        {
            throw new DoraException(DoraErrorCode.Configuration, "the page store has no directory: set one");
        }

        foreach (PageDirectoryOptions directory in AllDirectories)
        {
            if (directory.CapacityBytes < MinCapacityBytes)
            {
                throw new DoraException(
                    DoraErrorCode.Configuration, $"the page store's capacity is {ByteSize.Text(directory.CapacityBytes)}: give at least {ByteSize.Text(MinCapacityBytes)}");
            }
        }

        if (!(LowMark is > 0 and < 1 && HighMark > LowMark && HighMark <= 1 && PinnedShare is >= 0 and <= 0.9 && ScrubBytesPerSecond >= 0))
        {
            throw new DoraException(
                DoraErrorCode.Configuration,
                $"page store: marks {LowMark} and {HighMark} must be parts of 1 in this order, the pinned share {PinnedShare} from 0 to 0.9, the scrub rate {ScrubBytesPerSecond} not negative");
        }
    }
}
