using Dora.Storage.Ufs;

namespace Dora.Storage.Files;

/// <summary>
/// Reads whole files that change faster than a stat and a read can follow each other, where the store can do that in one answer. Nothing of it is remembered or
/// cached: the moment that it is of is past.
/// </summary>
/// <param name="stores">The under stores.</param>
/// <param name="time">Stamps what was read.</param>
public sealed class SnapshotReads(IUfsProvider stores, TimeProvider time)
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="destination">Receives the bytes; worthless unless the code is None.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>What the file was, as long as the bytes read; <see cref="DoraErrorCode.VersionChanged"/>: not so.</returns>
    public async ValueTask<CatalogResult> ReadAsync(MountedPath path, Memory<byte> destination, CancellationToken cancellationToken)
    {
        DateTimeOffset now = time.GetUtcNow();
        try
        {
            if (stores.Open(path.Mount.Ufs) is not ISnapshotUfs store)
            {
                return new CatalogResult(DoraErrorCode.VersionChanged, null, $"'{path.UfsPath}' changes while it is read: open it again");
            }

            UfsSnapshotResult result = await store.ReadWholeAsync(path.Relative, destination, cancellationToken).ConfigureAwait(false);
            UfsStat stat = result.Stat;
            return result.Status == UfsStatus.Ok
                ? new CatalogResult(DoraErrorCode.None, new FileMetadata(path.UfsPath, stat.Kind, stat.Length, stat.LastModified, stat.Version, now), FromStore: true)
                : new CatalogResult(result.Status.ToErrorCode(), null, result.Error ?? $"the store of '{path.UfsPath}' answered {result.Status}");
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            (DoraErrorCode code, string error) = StoreFailure.Describe(e, path.UfsPath);
            return new CatalogResult(code, null, error);
        }
    }
}
