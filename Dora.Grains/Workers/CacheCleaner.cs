using Dora.Interfaces;
using Dora.Storage.Files;

namespace Dora.Grains.Workers;

/// <summary>Drops what a worker has cached below a path, whether it owns the files now or did once.</summary>
internal sealed class CacheCleaner(IFileCatalog catalog, IFileReader reader)
{
    /// <summary>Drops pages, and metadata when asked; the files are found through the metadata that is remembered of them.</summary>
    public async Task<FreeReply> FreeAsync(DoraPath path, MountTable mounts, bool forgetMetadata, CancellationToken cancellationToken)
    {
        long files = 0, bytes = 0;
        foreach (string root in mounts.UfsRootsAt(path))
        {
            foreach (FileMetadata metadata in catalog.EnumerateUnder(root))
            {
                cancellationToken.ThrowIfCancellationRequested();
                long freed = await reader.FreeAsync(metadata.Id, cancellationToken).ConfigureAwait(false);
                bool forgot = forgetMetadata && catalog.Forget(metadata.Id);
                files += freed > 0 || forgot ? 1 : 0;
                bytes += freed;
            }
        }

        return new FreeReply(DoraErrorCode.None, null, files, bytes);
    }
}
