using Dora.Interfaces;
using Dora.Storage.Files;
using Dora.Storage.Pages;

namespace Dora.Grains.Workers;

/// <summary>Drops what a worker has cached below a path, whether it owns the files now or did once.</summary>
internal sealed class CacheCleaner(IFileCatalog catalog, FileChanges changes, IPageStore pages, OwnFiles own)
{
    /// <summary>Drops pages, and metadata when asked; the files are found through the metadata that is remembered of them.
    /// Of a whole mount also what is cached of files that nothing is remembered of.</summary>
    public async Task<FreeReply> FreeAsync(DoraPath path, MountTable mounts, bool forgetMetadata, CancellationToken cancellationToken)
    {
        (long files, long bytes, long copies, long copyBytes) = (0, 0, 0, 0);
        ClusterSnapshot now = own.Cluster;
        foreach (string root in mounts.UfsRootsAt(path))
        {
            if (forgetMetadata)
            {
                catalog.ForgetNegative(root);
            }

            foreach (FileMetadata metadata in catalog.EnumerateUnder(root))
            {
                cancellationToken.ThrowIfCancellationRequested();
                FileDrop dropped = await changes.DropAsync(metadata.Id, forgetMetadata, cancellationToken).ConfigureAwait(false);
                bool isOwn = own.Is(now, metadata.Id);
                (files, bytes) = isOwn ? (files + (dropped.IsAny ? 1 : 0), bytes + dropped.Bytes) : (files, bytes);
                (copies, copyBytes) = isOwn ? (copies, copyBytes) : (copies + (dropped.Bytes > 0 ? 1 : 0), copyBytes + dropped.Bytes);
            }
        }

        foreach (Mount mount in mounts.Mounts.Where(m => m.Id != 0 && m.Path.IsAtOrUnder(path)))
        {
            bytes += pages.RemoveMount(mount.Id, cancellationToken);
        }

        return new FreeReply(DoraErrorCode.None, null, files, bytes, copies, copyBytes);
    }
}
