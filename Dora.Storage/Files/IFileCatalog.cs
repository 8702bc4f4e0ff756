using Dora.Storage.Ufs;

namespace Dora.Storage.Files;

/// <summary>A worker's metadata: the metadata store in front of the under store. Concurrent questions about one file ask the under store once.</summary>
public interface IFileCatalog : IKnownFiles
{
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
    ValueTask RememberAsync(IReadOnlyList<FileMetadata> listed, CancellationToken cancellationToken);

    /// <summary>Forgets a path.</summary>
    /// <returns>Whether something was remembered.</returns>
    bool Forget(FileId file);

    /// <summary>
    /// Forgets that files were missing at and below a UFS path, and takes nothing more of what lies there that was loaded before now: from other workers, or from a store that is being asked.
    /// A catalog that does not remember that has nothing to do.
    /// </summary>
    void ForgetNegative(string ufsPath);
}
