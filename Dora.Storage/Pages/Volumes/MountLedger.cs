namespace Dora.Storage.Pages.Volumes;

/// <summary>What each mount's records take, and the rules for them. Writers promise their bytes first, so that a quota holds with many of them.</summary>
internal sealed class MountLedger
{
    private readonly long[] _bytes = new long[ushort.MaxValue + 1];
    private IReadOnlyDictionary<ushort, PageMountRule> _rules = new Dictionary<ushort, PageMountRule>();
    private bool _expires;
    private long _pinnedBytes;
    private long _pinnedLimit;

    /// <summary>Payload bytes of pinned records.</summary>
    public long PinnedBytes => Interlocked.Read(ref _pinnedBytes);

    /// <summary>The most payload bytes that may be pinned; when there are more, pins count for nothing until it is less.</summary>
    public long PinnedLimit
    {
        get => Interlocked.Read(ref _pinnedLimit);
        set => Interlocked.Exchange(ref _pinnedLimit, value);
    }

    /// <summary>Whether eviction passes pinned records over.</summary>
    public bool PinsHold => PinnedBytes <= PinnedLimit;

    /// <summary>Whether any rule has a time to live.</summary>
    public bool AnyExpires => Volatile.Read(ref _expires);

    public void SetRules(IReadOnlyDictionary<ushort, PageMountRule> rules)
    {
        Volatile.Write(ref _rules, new Dictionary<ushort, PageMountRule>(rules));
        Volatile.Write(ref _expires, rules.Values.Any(static r => r.TimeToLive > TimeSpan.Zero));
    }

    /// <summary>Mounts that hold more than their rule allows, and by how much: the rule was changed.</summary>
    public IEnumerable<(ushort Mount, long Bytes)> OverQuota() =>
        from rule in Volatile.Read(ref _rules)
        where rule.Value.QuotaBytes > 0 && BytesOf(rule.Key) > rule.Value.QuotaBytes
        select (rule.Key, BytesOf(rule.Key) - rule.Value.QuotaBytes);

    public long BookPinned(long bytes) => Interlocked.Add(ref _pinnedBytes, bytes);

    public long BytesOf(ushort mount) => Interlocked.Read(ref _bytes[mount]);

    public void Book(ushort mount, long bytes)
    {
        if (mount != 0)
        {
            Interlocked.Add(ref _bytes[mount], bytes);
        }
    }

    /// <summary>Books bytes, if the mount's quota allows.</summary>
    public bool TryBook(ushort mount, long bytes)
    {
        if (mount == 0)
        {
            return true;
        }

        long quota = QuotaOf(mount);
        long used = BytesOf(mount);
        while (used + bytes <= quota)
        {
            long before = Interlocked.CompareExchange(ref _bytes[mount], used + bytes, used);
            if (before == used)
            {
                return true;
            }

            used = before;
        }

        return false;
    }

    /// <summary>The mount's quota, or <see cref="long.MaxValue"/>.</summary>
    public long QuotaOf(ushort mount) =>
        Volatile.Read(ref _rules).TryGetValue(mount, out PageMountRule rule) && rule.QuotaBytes > 0 ? rule.QuotaBytes : long.MaxValue;

    /// <summary>Whether a record is older than its mount allows.</summary>
    public bool IsExpired(ushort mount, uint storedAt, uint now) =>
        mount != 0
        && Volatile.Read(ref _rules).TryGetValue(mount, out PageMountRule rule)
        && rule.TimeToLive > TimeSpan.Zero
        && now - (long)storedAt > rule.TimeToLive.TotalSeconds;
}
