using System.Runtime.CompilerServices;
using Dora.Grains.Files;
using Dora.Interfaces;
using Dora.Storage.Files;

namespace Dora.Silo.Files;

/// <summary>
/// Answers stat, list and read by path for a caller, from this worker's catalog and reader. The page channel and the file grain are adapters over it. Which worker owns a path is not asked
/// here: whoever asks knows.
/// </summary>
/// <param name="stores">This worker's files.</param>
/// <param name="time">Stamps directories that exist only above mounts.</param>
/// <param name="snapshots">Reads files that change all the time; <see langword="null"/>: nobody can.</param>
internal sealed class WorkerFiles(WorkerStores stores, TimeProvider time, SnapshotReads? snapshots = null) : IWorkerFiles
{
    private readonly DirectoryLister _lister = new(stores.Catalog, time);

    /// <summary>What is cached, for who knows a file by its id.</summary>
    public WorkerStores Stores => stores;

    /// <inheritdoc/>
    public ValueTask<FileAnswer> StatAsync(RequestedPath target, bool refresh, CancellationToken cancellationToken)
    {
        if (target.Error is { } error)
        {
            return new(new FileAnswer(DoraErrorCode.InvalidPath, error));
        }

        if (target.Mounted is not { } mounted)
        {
            return new(Nothing(target));
        }

        // The catalog asks the store once for concurrent questions.
        ValueTask<CatalogResult> found = stores.Catalog.GetAsync(mounted, refresh, cancellationToken);
        return found.IsCompletedSuccessfully ? new(Answer(target, mounted, found.Result)) : AwaitAsync(target, mounted, found);
    }

    /// <summary>Grows whenever an answer that somebody keeps may be true no more; -1: nobody may keep any.</summary>
    public long Changes => stores.Catalog.Changes;

    /// <summary>Whether a file that was told of before is still fresh by its mount's rule.</summary>
    public bool IsFresh(FileMetadata file, Mount mount) => mount.Freshness.IsFresh(file.LoadedAt, time.GetUtcNow());

    /// <summary>What memory has of a mounted path and is fresh. Waits for nothing.</summary>
    public FileMetadata? TryGetFresh(in RequestedPath target) => target.Mounted is { } mounted ? stores.Catalog.TryGetFresh(mounted, target.Id) : null;

    /// <summary>No store has anything there; but a mount further down makes it a directory all the same, which every worker can tell.</summary>
    public FileAnswer Nothing(in RequestedPath target) =>
        target.Mounts.IsAboveMounts(target.Path)
            ? new FileAnswer(DoraErrorCode.None, null, MountDirectories.Describe(target.Path, target.Mounts, time.GetUtcNow()), target.Id)
            : target.Mounted is { } mounted
            ? new FileAnswer(DoraErrorCode.NotFound, FileMessages.Failed(target.Path, mounted.UfsPath, DoraErrorCode.NotFound))
            : new FileAnswer(DoraErrorCode.NotMounted, FileMessages.NotMounted(target.Path));

    /// <inheritdoc/>
    public Task<ListReply> ListAsync(RequestedPath target, string? continuation, int limit, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > DirectoryLister.MaxLimit)
        {
            return Task.FromResult(
                DirectoryLister.Failure(DoraErrorCode.InvalidArgument, $"a listing of {limit} entries was asked for: ask for 1 to {DirectoryLister.MaxLimit}"));
        }

        return target.Error is { } error
            ? Task.FromResult(DirectoryLister.Failure(DoraErrorCode.InvalidPath, error))
            : _lister.ListAsync(target, continuation, limit, cancellationToken);
    }

    /// <summary>Reads a file that the caller was told of. When the store has another version by now, what is remembered is forgotten: it would mislead the reopen that follows.</summary>
    public ValueTask<FileReadResult> ReadAsync(
        FileMetadata file, ByteRange range, Memory<byte> destination, FileReadMode mode, CancellationToken cancellationToken)
    {
        ValueTask<FileReadResult> read = stores.Reader.ReadAsync(file, range, destination, mode, cancellationToken);
        if (!read.IsCompletedSuccessfully)
        {
            return AwaitAsync(file, read, cancellationToken);
        }

        FileReadResult result = read.Result;
        return result.Code == DoraErrorCode.None ? new(result) : AwaitAsync(file, new(result), cancellationToken);
    }

    /// <summary>Reads a whole file in one look at the store; see <see cref="SnapshotReads"/>.</summary>
    public async ValueTask<FileAnswer> ReadSnapshotAsync(RequestedPath target, Memory<byte> destination, CancellationToken cancellationToken) =>
        target.Error is not null || target.Mounted is not { } mounted ? await StatAsync(target, refresh: false, cancellationToken).ConfigureAwait(false)
        : snapshots is null ? new FileAnswer(DoraErrorCode.VersionChanged, $"'{target.Path}' changes while it is read: open it again")
        : Answer(target, mounted, await snapshots.ReadAsync(mounted, destination, cancellationToken).ConfigureAwait(false));

    private async ValueTask<FileAnswer> AwaitAsync(RequestedPath target, MountedPath mounted, ValueTask<CatalogResult> found) =>
        Answer(target, mounted, await found.ConfigureAwait(false));

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<FileReadResult> AwaitAsync(FileMetadata file, ValueTask<FileReadResult> read, CancellationToken cancellationToken)
    {
        FileReadResult result = await read.ConfigureAwait(false);
        if (result.Code is DoraErrorCode.VersionChanged or DoraErrorCode.NotFound)
        {
            await stores.Changes.ForgetAsync(file, cancellationToken).ConfigureAwait(false);
        }

        return result;
    }

    private FileAnswer Answer(in RequestedPath target, MountedPath mounted, CatalogResult found) => found switch
    {
        { Code: DoraErrorCode.None, Metadata: { Kind: not FileKind.Missing } file } =>
            new FileAnswer(DoraErrorCode.None, null, file, file.Id, mounted.Mount.FetchSize, found.FromStore),
        { Code: DoraErrorCode.None or DoraErrorCode.NotFound } => Nothing(target),
        _ => new FileAnswer(found.Code, found.Error ?? FileMessages.Failed(target.Path, mounted.UfsPath, found.Code)),
    };
}
