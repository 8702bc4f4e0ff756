using Dora.Storage.Ufs;

namespace Dora.Storage.Files;

/// <summary>A worker's metadata: the metadata store in front of the under store. Concurrent questions about one file ask the under store once.</summary>
public interface IFileCatalog
{
    /// <summary>
    /// Grows whenever something is forgotten or remembered otherwise than before, so that who keeps an answer knows that it still holds. -1: nobody may keep any.
    /// </summary>
    long Changes => -1;

    /// <summary>What memory has and is still fresh by the mount's rule. Waits for nothing, neither the under store nor a disk, so that a thread that serves many may call it.</summary>
    /// <param name="path">The path.</param>
    /// <param name="file">Its file id.</param>
    /// <returns><see langword="null"/>: <see cref="GetAsync"/> knows more.</returns>
    FileMetadata? TryGetFresh(MountedPath path, FileId file);

    /// <summary>What is remembered of a file, however old; never asks the under store.</summary>
    FileMetadata? TryGetKnown(FileId file);

    /// <summary>As <see cref="TryGetKnown(FileId)"/> for who knows the path.</summary>
    FileMetadata? TryGetKnown(FileId file, string ufsPath) => TryGetKnown(file);

    /// <summary>Metadata of a path: fresh by the mount's rule, or from the under store.</summary>
    /// <param name="path">The path.</param>
    /// <param name="refresh">Ask the under store even when the remembered is fresh.</param>
    /// <param name="cancellationToken">Cancels the caller's wait, not the shared question.</param>
    ValueTask<CatalogResult> GetAsync(MountedPath path, bool refresh, CancellationToken cancellationToken);

    /// <summary>One page of a directory, from the under store; remembers the metadata it brings.</summary>
    ValueTask<UfsListResult> ListAsync(MountedPath path, string? continuation, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Remembers what another worker's listing brought, with few and large writes. A catalog that may have forgotten one of the files since they were listed leaves them all alone;
    /// so does one that remembers nothing that others bring.
    /// </summary>
    ValueTask RememberAsync(IReadOnlyList<FileMetadata> listed, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    /// <summary>Forgets a path.</summary>
    /// <returns>Whether something was remembered.</returns>
    bool Forget(FileId file);

    /// <summary>Forgets that files were missing at and below a UFS path. A catalog that does not remember that has nothing to do.</summary>
    void ForgetNegative(string ufsPath)
    {
    }

    /// <summary>The files and directories that are remembered at and below a UFS path.</summary>
    IEnumerable<FileMetadata> EnumerateUnder(string ufsPath);
}
