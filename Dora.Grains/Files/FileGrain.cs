using Dora.Grains.Placement;
using Dora.Interfaces;
using Dora.Storage.Files;
using Dora.Storage.Metadata;

namespace Dora.Grains.Files;

/// <summary>
/// A file or directory at its ring owner. The state is the worker's metadata and page stores; the grain gives it one door, one turn at a time for what
/// changes it, and takes the metadata along when it moves. It holds nothing else, so a short idle time gives its memory back.
/// </summary>
[DoraRingPlacement]
[GrainType("dora.file")]
[CollectionAgeLimit(Minutes = 2)]
internal sealed class FileGrain(
    IFileCatalog catalog, FileChanges changes, IMetadataStore memory, IClusterState cluster, FileGrainRegistry registry, DirectoryLister lister, TimeProvider time)
    : Grain, IFileGrain, IGrainMigrationParticipant
{
    private const string MigratedMetadata = "dora.metadata";

    private string Key => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        registry.Add(GrainContext);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        registry.Remove(GrainContext);
        return Task.CompletedTask;
    }

    public async Task<FileReply> StatAsync(bool refresh, CancellationToken cancellationToken)
    {
        if (!TryResolve(out DoraPath path, out MountTable mounts, out MountedPath? mounted, out string? error))
        {
            return new FileReply(DoraErrorCode.InvalidPath, error, null);
        }

        bool aboveMounts = path.IsRoot || mounts.ChildNames(path).Any();
        if (mounted is null)
        {
            return aboveMounts
                ? new FileReply(DoraErrorCode.None, null, FileStats.MountDirectory(path, mounts, time.GetUtcNow()))
                : new FileReply(DoraErrorCode.NotMounted, FileMessages.NotMounted(path), null);
        }

        CatalogResult result = await catalog.GetAsync(mounted.Value, refresh, cancellationToken);
        return result.Code switch
        {
            DoraErrorCode.None => new FileReply(DoraErrorCode.None, null, FileStats.From(path, result.Metadata!)),
            DoraErrorCode.NotFound when aboveMounts => new FileReply(DoraErrorCode.None, null, FileStats.MountDirectory(path, mounts, time.GetUtcNow())),
            _ => new FileReply(result.Code, result.Error ?? FileMessages.Failed(path, mounted.Value.UfsPath, result.Code), null),
        };
    }

    public Task<ListReply> ListAsync(string? continuation, int limit, CancellationToken cancellationToken)
    {
        if (limit is < 1 or > DirectoryLister.MaxLimit)
        {
            string message = $"a listing of {limit} entries was asked for: ask for 1 to {DirectoryLister.MaxLimit}";
            return Task.FromResult(new ListReply(DoraErrorCode.InvalidArgument, message, [], null, 0));
        }

        return TryResolve(out DoraPath path, out MountTable mounts, out _, out string? error)
            ? lister.ListAsync(path, mounts, continuation, limit, cancellationToken)
            : Task.FromResult(new ListReply(DoraErrorCode.InvalidPath, error, [], null, 0));
    }

    public Task<FreeReply> InvalidateAsync(CancellationToken cancellationToken) => DropAsync(forgetMetadata: true, cancellationToken);

    public Task<FreeReply> FreeAsync(CancellationToken cancellationToken) => DropAsync(forgetMetadata: false, cancellationToken);

    public async Task<LoadReply> LoadAsync(long offset, long length, DateTimeOffset? listedAt, CancellationToken cancellationToken)
    {
        if (offset < 0 || length is < 0 or > LoadLimits.MaxBytesPerCall || offset > long.MaxValue - length)
        {
            string message = $"a load of {length} bytes from {offset} was asked for: ask for 0 to {LoadLimits.MaxBytesPerCall} bytes from 0 or more";
            return new LoadReply(DoraErrorCode.InvalidArgument, message, 0, 0);
        }

        if (!TryResolve(out DoraPath path, out _, out MountedPath? mounted, out string? error) || mounted is null)
        {
            return error is not null
                ? new LoadReply(DoraErrorCode.InvalidPath, error, 0, 0)
                : new LoadReply(DoraErrorCode.NotMounted, FileMessages.NotMounted(path), 0, 0);
        }

        FileLoadResult result = await changes.LoadAsync(mounted.Value, new ByteRange(offset, length), listedAt, cancellationToken);
        string? reason = result.Code == DoraErrorCode.None ? null : result.Error ?? FileMessages.Failed(path, mounted.Value.UfsPath, result.Code);
        return new LoadReply(result.Code, reason, result.BytesLoaded, result.BytesPresent);
    }

    public void OnDehydrate(IDehydrationContext dehydrationContext)
    {
        if (TryResolve(out DoraPath path, out _, out MountedPath? mounted, out _) && mounted is not null
            && memory.Get(FileId.FromUfsPath(mounted.Value.UfsPath)) is { } known)
        {
            dehydrationContext.TryAddValue(MigratedMetadata, FileStats.From(path, known));
        }
    }

    public void OnRehydrate(IRehydrationContext rehydrationContext)
    {
        if (rehydrationContext.TryGetValue(MigratedMetadata, out FileStat? stat) && stat is not null)
        {
            FileMetadata moved = FileStats.ToMetadata(stat);
            if (memory.Get(moved.Id) is not { } known || known.LoadedAt < moved.LoadedAt)
            {
                memory.Put(moved);
            }
        }
    }

    private async Task<FreeReply> DropAsync(bool forgetMetadata, CancellationToken cancellationToken)
    {
        if (!TryResolve(out DoraPath path, out _, out MountedPath? mounted, out string? error))
        {
            return new FreeReply(DoraErrorCode.InvalidPath, error, 0, 0);
        }

        if (mounted is null)
        {
            return new FreeReply(DoraErrorCode.NotMounted, FileMessages.NotMounted(path), 0, 0);
        }

        FileDrop dropped = await changes.DropAsync(FileId.FromUfsPath(mounted.Value.UfsPath), forgetMetadata, cancellationToken);
        return new FreeReply(DoraErrorCode.None, null, dropped.IsAny ? 1 : 0, dropped.Bytes);
    }

    private bool TryResolve(out DoraPath path, out MountTable mounts, out MountedPath? mounted, out string? error)
    {
        mounts = cluster.Current.Mounts;
        mounted = null;
        if (!DoraPath.TryParse(Key, out path, out error))
        {
            return false;
        }

        if (path.Value != Key)
        {
            error = $"'{Key}' is not normalized: ask for '{path}'";
            return false;
        }

        mounted = mounts.Resolve(path);
        return true;
    }
}
