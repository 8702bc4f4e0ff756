using Dora.Grains.Placement;
using Dora.Interfaces;
using Dora.Storage.Files;

namespace Dora.Grains.Files;

/// <summary>
/// A file or directory at its ring owner: one door in the whole cluster for what changes it. Changes come one at a time, each in the file's turn on its worker, so that they never mix with those of
/// the worker's batches. The state is the worker's metadata and page stores; the grain holds none, so a short idle time gives its memory back.
/// </summary>
[DoraRingPlacement]
[GrainType("dora.file")]
[CollectionAgeLimit(Minutes = 2)]
internal sealed class FileGrain(IWorkerFiles files, FileChanges changes, IFileCatalog catalog, IClusterState cluster, FileGrainHome home, OtherWorkers others)
    : Grain, IFileGrain
{
    private string Key => this.GetPrimaryKeyString();

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        home.Enter();
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        home.Leave();
        return Task.CompletedTask;
    }

    public async Task<FileReply> StatAsync(bool refresh, CancellationToken cancellationToken)
    {
        // Right wherever the grain is: a question changes nothing that others rely on.
        home.IsHere(GrainContext);
        FileAnswer answer = await files.StatAsync(Target(), refresh, cancellationToken);
        return new FileReply(answer.Code, answer.Error, answer.File is { } file ? FileStats.From(DoraPath.Parse(Key), file) : null);
    }

    public Task<ListReply> ListAsync(string? continuation, int limit, CancellationToken cancellationToken)
    {
        home.IsHere(GrainContext);
        return files.ListAsync(Target(), continuation, limit, cancellationToken);
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

        if (Refuse(out DoraPath path, out MountedPath mounted) is { } refusal)
        {
            return new LoadReply(refusal.Code, refusal.Message, 0, 0);
        }

        FileLoadResult result = await changes.LoadAsync(mounted, new ByteRange(offset, length), listedAt, cancellationToken);
        string? reason = result.Code == DoraErrorCode.None ? null : result.Error ?? FileMessages.Failed(path, mounted.UfsPath, result.Code);
        return new LoadReply(result.Code, reason, result.BytesLoaded, result.BytesPresent);
    }

    /// <summary>Here, and then on the others, which may have copies as replicas, stand-ins or former owners: what is read after this comes from the store.</summary>
    private async Task<FreeReply> DropAsync(bool forgetMetadata, CancellationToken cancellationToken)
    {
        if (Refuse(out DoraPath path, out MountedPath mounted) is { } refusal)
        {
            return new FreeReply(refusal.Code, refusal.Message, 0, 0);
        }

        FileId file = FileId.FromUfsPath(mounted.UfsPath);
        bool isDirectory = catalog.TryGetKnown(file) is { Kind: FileKind.Directory }; // what is below it is not this grain's
        FileDrop dropped = await changes.DropAsync(file, forgetMetadata, cancellationToken);
        FreeReply elsewhere = isDirectory ? new FreeReply(DoraErrorCode.None, null, 0, 0) : await others.FreeAsync(path, forgetMetadata, cancellationToken);
        return elsewhere with { Files = dropped.IsAny || elsewhere.Files + elsewhere.Copies > 0 ? 1 : 0, Bytes = elsewhere.Bytes + dropped.Bytes };
    }

    /// <summary>Why a change cannot be made here and now; <see langword="null"/> when it can.</summary>
    private (DoraErrorCode Code, string Message)? Refuse(out DoraPath path, out MountedPath mounted)
    {
        mounted = default;
        if (!TryResolve(out path, out _, out MountedPath? found, out string? error))
        {
            return (DoraErrorCode.InvalidPath, error!);
        }

        if (found is null)
        {
            return (DoraErrorCode.NotMounted, FileMessages.NotMounted(path));
        }

        mounted = found.Value;
        return home.IsHere(GrainContext) ? null : (DoraErrorCode.Busy, $"'{path}' is moving to another worker: try again");
    }

    /// <summary>The grain's path, which must be normalized: another spelling would be another grain of the same file.</summary>
    private RequestedPath Target()
    {
        var target = RequestedPath.Resolve(Caller.Anonymous, Key, cluster.Current.Mounts);
        return target.Error is null && target.Path.Value != Key ? target with { Error = $"'{Key}' is not normalized: ask for '{target.Path}'" } : target;
    }

    private bool TryResolve(out DoraPath path, out MountTable mounts, out MountedPath? mounted, out string? error)
    {
        RequestedPath target = Target();
        (path, mounts, mounted, error) = (target.Path, target.Mounts, target.Mounted, target.Error);
        return error is null;
    }
}
