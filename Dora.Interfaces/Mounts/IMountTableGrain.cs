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

    /// <summary>Removes a mount; cached data under it is dropped as space is needed.</summary>
    [Alias("Remove")]
    [ResponseTimeout("00:00:30")]
    Task<MountReply> RemoveAsync(string path, CancellationToken cancellationToken);
}
