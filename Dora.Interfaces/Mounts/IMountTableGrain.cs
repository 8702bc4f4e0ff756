namespace Dora.Interfaces;

/// <summary>
/// The mount table: one grain, key <see cref="Key"/>, that serializes changes. The table itself is in the cluster store; every worker reads it from
/// there, so this grain is on no read path and may move at any time.
/// </summary>
[Alias("Dora.IMountTableGrain")]
public interface IMountTableGrain : IGrainWithStringKey
{
    /// <summary>The key of the only grain.</summary>
    const string Key = "mounts";

    /// <summary>The table.</summary>
    [Alias("Get")]
    Task<MountTableView> GetAsync();

    /// <summary>Adds a mount. Checks that the store can be reached and has the directory; when the reply comes, every active worker knows the mount.</summary>
    [Alias("Add")]
    [ResponseTimeout("00:00:30")]
    Task<MountReply> AddAsync(MountView mount, CancellationToken cancellationToken);

    /// <summary>Sets how much is cached of a mount and how long; what is cached beyond the new bounds goes at once or soon.</summary>
    /// <param name="path">The mount's Dora path.</param>
    /// <param name="quotaBytes">See <see cref="CacheRules.QuotaBytes"/>.</param>
    /// <param name="pageTtl">See <see cref="CacheRules.PageTtl"/>.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    [Alias("SetRules")]
    [ResponseTimeout("00:00:30")]
    Task<MountReply> SetRulesAsync(string path, long quotaBytes, TimeSpan pageTtl, CancellationToken cancellationToken);

    /// <summary>Pins what is cached at and below a path, or gives the pin that is there another share.</summary>
    [Alias("Pin")]
    [ResponseTimeout("00:00:30")]
    Task<MountReply> PinAsync(PinView pin, CancellationToken cancellationToken);

    /// <summary>Removes the pin at exactly a path; its pages are evicted as all others.</summary>
    [Alias("Unpin")]
    [ResponseTimeout("00:00:30")]
    Task<MountReply> UnpinAsync(string path, CancellationToken cancellationToken);

    /// <summary>Removes a mount; every worker frees the pages it filled for it.</summary>
    [Alias("Remove")]
    [ResponseTimeout("00:00:30")]
    Task<MountReply> RemoveAsync(string path, CancellationToken cancellationToken);
}
