namespace Dora.Storage.Ufs.Local;

/// <summary>
/// The connector for a directory of this machine. Linux only. Versions come from device, inode, time of change (ctime), length and modification time, so another file
/// moved over a name is another version whatever its length and times; so is a file whose permissions or links changed, which is fetched again. A rewrite within one tick of the kernel's clock
/// (up to 10 ms) keeps the version, so a file changed so lately is read a moment later: then every reader of the version gets the same bytes. Not covered: file systems with coarser stamps. Listings leave out, and tell, names that are not UTF-8, links that lead
/// out of the root or to nothing, what is neither file nor directory, and pseudo files of the kernel. The blocking calls run on the thread pool.
/// </summary>
public sealed class LocalUfs : IWritableUfs, ISnapshotUfs
{
    private readonly LocalDirectory _directory;
    private readonly LocalListing _listing;
    private readonly LocalWriter _writer;
    private readonly LocalSnapshot _snapshot;
    private readonly TimeProvider _time;

    /// <summary>Creates a connector; the directory need not be there yet.</summary>
    /// <param name="directory">The root, an absolute path.</param>
    /// <param name="time">The clock that the file system stamps files with; the system's when <see langword="null"/>.</param>
    /// <exception cref="DoraException">
    /// <see cref="DoraErrorCode.NotSupported"/>: not on Linux. <see cref="DoraErrorCode.InvalidPath"/>: not an absolute path.
    /// </exception>
    public LocalUfs(string directory, TimeProvider? time = null)
        : this(directory, time, new ListingRuns())
    {
    }

    /// <summary>Creates one of several connectors that share the memory of their listings.</summary>
    internal LocalUfs(string directory, TimeProvider? time, ListingRuns runs)
    {
        if (!OperatingSystem.IsLinux())
        {
            throw new DoraException(DoraErrorCode.NotSupported, $"file:// mounts need Linux ('{directory}'): run the worker there");
        }

        if (directory is not ['/', ..] || directory.Contains('\uFFFD', StringComparison.Ordinal))
        {
            throw new DoraException(DoraErrorCode.InvalidPath, $"'{directory}' is not an absolute directory: give for example /data");
        }

        var root = new LocalRoot(directory);
        _directory = new LocalDirectory(root);
        _listing = new LocalListing(root, runs);
        _writer = new LocalWriter(root);
        _snapshot = new LocalSnapshot(root);
        _time = time ?? TimeProvider.System;
    }

    /// <inheritdoc/>
    public UfsCapabilities Capabilities => UfsCapabilities.Write | UfsCapabilities.ConditionalStat;

    /// <inheritdoc/>
    public ValueTask<UfsStatResult> StatAsync(string path, CancellationToken cancellationToken) =>
        new(Task.Run(() => _directory.Stat(path), cancellationToken));

    /// <inheritdoc/>
    public ValueTask<UfsStatResult> StatIfChangedAsync(string path, FileVersion known, CancellationToken cancellationToken) =>
        new(Task.Run(() => _directory.StatIfChanged(path, known), cancellationToken));

    /// <inheritdoc/>
    public ValueTask<UfsReadResult> ReadAsync(
        string path, FileVersion version, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        return new(Task.Run(() => ReadSettledAsync(path, version, offset, destination, cancellationToken), cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask<UfsSnapshotResult> ReadWholeAsync(string path, Memory<byte> destination, CancellationToken cancellationToken) =>
        new(Task.Run(() => _snapshot.Read(path, destination.Span, _time.GetUtcNow()), cancellationToken));

    /// <inheritdoc/>
    public ValueTask<UfsListResult> ListAsync(string path, string? continuation, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(limit);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, 10_000);
        return new(Task.Run(() => _listing.List(path, continuation, limit), cancellationToken));
    }

    /// <inheritdoc/>
    public ValueTask<UfsStatus> CreateAsync(string path, Stream content, CancellationToken cancellationToken) =>
        new(Task.Run(() => _writer.CreateAsync(path, content, cancellationToken), cancellationToken));

    /// <inheritdoc/>
    public ValueTask<UfsStatus> DeleteAsync(string path, CancellationToken cancellationToken) =>
        new(Task.Run(() => _directory.Delete(path), cancellationToken));

    private async Task<UfsReadResult> ReadSettledAsync(
        string path, FileVersion version, long offset, Memory<byte> destination, CancellationToken cancellationToken)
    {
        UfsReadResult? result;
        while ((result = _directory.Read(path, version, offset, destination.Span, _time.GetUtcNow())) is null)
        {
            await Task.Delay(LocalDirectory.Settled, _time, cancellationToken).ConfigureAwait(false);
        }

        return result.Value;
    }
}
