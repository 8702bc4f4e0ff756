namespace Dora.Storage.Ufs;

/// <summary>
/// A connector to one mount's root in a store (UFS, under file system). Paths are relative to the root, with '/' between segments and none in
/// front; empty means the root. Expected outcomes are values; a connector never lets a path leave its root.
/// </summary>
public interface IUfs
{
    /// <summary>What this store can do.</summary>
    UfsCapabilities Capabilities { get; }

    /// <summary>Asks what is at a path.</summary>
    ValueTask<UfsStatResult> StatAsync(string path, CancellationToken cancellationToken);

    /// <summary>
    /// Asks what is at a path where a file of a known version was: <see cref="UfsStatus.NotModified"/> when it still is. A store without
    /// <see cref="UfsCapabilities.ConditionalStat"/> is asked as <see cref="StatAsync"/> asks.
    /// A version made from a tag does not give the tag back: a connector whose store wants to hear it (If-None-Match) remembers a bounded number of tags by version, asks
    /// without a condition when it has forgotten one, and compares the versions itself.
    /// </summary>
    ValueTask<UfsStatResult> StatIfChangedAsync(string path, FileVersion known, CancellationToken cancellationToken);

    /// <summary>
    /// Reads bytes of one version of a file into the caller's memory. Fills the whole destination unless the file ends first. When the file has
    /// another version, before or while it is read, the status is <see cref="UfsStatus.VersionChanged"/>; when it ended before the length that its stat gave and did not change,
    /// <see cref="UfsStatus.Short"/>. The destination is worthless then.
    /// </summary>
    ValueTask<UfsReadResult> ReadAsync(string path, FileVersion version, long offset, Memory<byte> destination, CancellationToken cancellationToken);

    /// <summary>Lists a directory, in a stable order, at most <paramref name="limit"/> entries from <paramref name="continuation"/> on.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="continuation">What the previous page returned, or <see langword="null"/> for the first.</param>
    /// <param name="limit">1 to 10,000.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    ValueTask<UfsListResult> ListAsync(string path, string? continuation, int limit, CancellationToken cancellationToken);
}
