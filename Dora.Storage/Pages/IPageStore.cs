namespace Dora.Storage.Pages;

/// <summary>
/// Pages on SSD. Serves right bytes or "not cached", never anything else; its capacity is a hard cap at every instant. Safe for concurrent use. The calls
/// block on the disk when the system has not the bytes in memory: they belong on threads that may wait.
/// The contract of the segment store (design section 3); tests of this contract hold for every implementation.
/// </summary>
public interface IPageStore : IPageReads, IPageLocations, IPageWrites, IAsyncDisposable
{
    /// <summary>Counters since start, and what is stored now.</summary>
    PageStoreStatistics Statistics { get; }

    /// <summary>Replaces the rules of all mounts. Takes effect at once; what is stored beyond new limits goes in the background.</summary>
    /// <param name="rules">By mount tag. A mount without a rule has no limits.</param>
    /// <param name="pinnedShare">The part of the capacity that pinned pages take, 0 to 0.9, instead of <see cref="PageStoreOptions.PinnedShare"/>.</param>
    void SetMountRules(IReadOnlyDictionary<ushort, PageMountRule> rules, double pinnedShare);
}
