namespace Dora.Storage.Pages;

/// <summary>What a store counts since start.</summary>
internal sealed class StoreCounters
{
    private long _evicted;
    private long _damaged;
    private long _stale;
    private long _scrubbed;
    private long _expired;
    private long _moved;
    private long _dropped;

    public StripedCounter Hits { get; } = new();

    public StripedCounter Misses { get; } = new();

    /// <summary>Pages evicted.</summary>
    public ref long Evicted => ref _evicted;

    /// <summary>Records dropped because a checksum was wrong or a sector could not be read, and segments with a broken header.</summary>
    public ref long Damaged => ref _damaged;

    /// <summary>Records that a checkpoint knew and that had been given back before the crash.</summary>
    public ref long Stale => ref _stale;

    /// <summary>Bytes that the scrubber read.</summary>
    public ref long Scrubbed => ref _scrubbed;

    /// <summary>Records dropped because their mount's time to live was over.</summary>
    public ref long Expired => ref _expired;

    /// <summary>Bytes moved by compaction.</summary>
    public ref long Moved => ref _moved;

    /// <summary>Records that left the index, whatever for; not those that only moved.</summary>
    public ref long Dropped => ref _dropped;
}
