namespace Dora.Storage.Files;

/// <summary>
/// The one door to changes of what this worker has cached of files: file grains, the worker's batches and the page channel come through here, one turn a file at a time. So a free that
/// has ended is not undone by a load that began before it. A load whose caller gave it up may still store an extent that was on its way.
/// </summary>
/// <param name="catalog">The worker's metadata.</param>
/// <param name="reader">Its data.</param>
/// <param name="turns">Shared with the catalog, which takes a file's turn when the store has another version.</param>
public sealed class FileChanges(IFileCatalog catalog, IFileReader reader, FileTurns turns)
{
    /// <summary>Drops the pages of a file, and its metadata when asked, so that the next open asks the store.</summary>
    public async ValueTask<FileDrop> DropAsync(FileId file, bool forgetMetadata, CancellationToken cancellationToken)
    {
        using FileTurn turn = await turns.TakeAsync(file, cancellationToken).ConfigureAwait(false);
        bool forgot = forgetMetadata && catalog.Forget(file);
        return new FileDrop(forgot, await reader.FreeAsync(file, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Forgets metadata that turned out to be of a version that the store has no more; what is known of another version stays.</summary>
    public async ValueTask ForgetAsync(FileMetadata outdated, CancellationToken cancellationToken)
    {
        using FileTurn turn = await turns.TakeAsync(outdated.Id, cancellationToken).ConfigureAwait(false);
        if (catalog.TryGetKnown(outdated.Id, outdated.UfsPath) is not { } known || known.Version == outdated.Version)
        {
            catalog.Forget(outdated.Id);
        }
    }

    /// <summary>Makes a range of a file cached.</summary>
    /// <param name="path">The file.</param>
    /// <param name="range">Bytes wanted; cut at the end of the file.</param>
    /// <param name="listedAt">What is known since then is fresh enough, whatever the mount's rule; <see langword="null"/>: the rule decides.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public ValueTask<FileLoadResult> LoadAsync(MountedPath path, ByteRange range, DateTimeOffset? listedAt, CancellationToken cancellationToken) =>
        LoadAsync(path, listedAt is { } since ? KnownSince(FileId.FromUfsPath(path.UfsPath), path.UfsPath, since) : null, range, cancellationToken);

    /// <summary>Makes a listed file cached.</summary>
    /// <param name="path">The file.</param>
    /// <param name="listed">What a listing said of it.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    public ValueTask<FileLoadResult> LoadAsync(MountedPath path, FileMetadata listed, CancellationToken cancellationToken) =>
        LoadAsync(path, KnownSince(listed.Id, listed.UfsPath, listed.LoadedAt), new ByteRange(0, listed.Length), cancellationToken);

    private async ValueTask<FileLoadResult> LoadAsync(MountedPath path, FileMetadata? known, ByteRange range, CancellationToken cancellationToken)
    {
        CatalogResult found = known is not null
            ? new CatalogResult(DoraErrorCode.None, known)
            : await catalog.GetAsync(path, refresh: false, cancellationToken).ConfigureAwait(false);
        FileLoadResult result = await LoadAsync(found, range, mustBeKnown: true, cancellationToken).ConfigureAwait(false);
        if (result.Code == DoraErrorCode.VersionChanged)
        {
            // What was remembered is of an earlier version, or was forgotten meanwhile: look again and load what is there, once.
            found = await catalog.GetAsync(path, refresh: true, cancellationToken).ConfigureAwait(false);
            result = await LoadAsync(found, range, mustBeKnown: false, cancellationToken).ConfigureAwait(false);
        }

        return result;
    }

    private async ValueTask<FileLoadResult> LoadAsync(CatalogResult found, ByteRange range, bool mustBeKnown, CancellationToken cancellationToken)
    {
        if (found.Code != DoraErrorCode.None || found.Metadata is not { } file)
        {
            return new FileLoadResult(found.Code, 0, 0, found.Error);
        }

        if (file.Kind == FileKind.Directory)
        {
            return new FileLoadResult(DoraErrorCode.IsDirectory, 0, 0);
        }

        using FileTurn turn = await turns.TakeAsync(file.Id, cancellationToken).ConfigureAwait(false);
        return mustBeKnown && catalog.TryGetKnown(file.Id, file.UfsPath)?.Version != file.Version
            ? new FileLoadResult(DoraErrorCode.VersionChanged, 0, 0)
            : await reader.LoadAsync(file, range.Within(file.Length), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A second is allowed for: memory may keep the loading time in whole ones. Should the file have changed in it, the store refuses the old version, and the load looks again.</summary>
    private FileMetadata? KnownSince(FileId file, string ufsPath, DateTimeOffset listedAt) =>
        catalog.TryGetKnown(file, ufsPath) is { Kind: not FileKind.Missing } known && known.LoadedAt + TimeSpan.FromSeconds(1) > listedAt ? known : null;
}
