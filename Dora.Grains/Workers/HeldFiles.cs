using Dora.Grains.Files;
using Dora.Interfaces;
using Dora.Storage.Files;
using Dora.Storage.Pages;

namespace Dora.Grains.Workers;

/// <summary>Says what this worker holds of files, for who was told that they are loaded.</summary>
internal sealed class HeldFiles(IPageStore pages, IFileCatalog catalog, WorkerReport report, OwnFiles own)
{
    /// <summary>Looks at files.</summary>
    public HeldReply Look(FileStat[] files)
    {
        long[] missing = Array.ConvertAll(files, MissingOf);
        PageStoreStatistics now = pages.Statistics;
        return new HeldReply(DoraErrorCode.None, null, missing, new HeldSpace(report.StartedAt, now.Dropped, now.CapacityBytes));
    }

    /// <summary>Adds up what is held at and below a path; the files are found through the metadata that is remembered of them.</summary>
    public HeldSum Sum(DoraPath path, CancellationToken cancellationToken)
    {
        ClusterSnapshot now = own.Cluster;
        if (now.Mounts.Resolve(path) is null && !now.Mounts.IsAboveMounts(path))
        {
            return new HeldSum(DoraErrorCode.NotMounted, FileMessages.NotMounted(path), 0, 0, 0, 0);
        }

        (long files, long bytes, long copies, long copyBytes) = (0, 0, 0, 0);
        HashSet<FileId> seen = [];
        foreach (FileMetadata file in now.Mounts.UfsRootsAt(path).SelectMany(catalog.EnumerateUnder))
        {
            cancellationToken.ThrowIfCancellationRequested();
            long held = file.Kind == FileKind.File ? pages.Held(file.Id).Bytes : 0;
            if (held == 0 || !seen.Add(file.Id))
            {
                continue; // also of a mount below another one's root
            }

            bool isOwn = own.Is(now, file.Id);
            (files, bytes) = isOwn ? (files + 1, bytes + held) : (files, bytes);
            (copies, copyBytes) = isOwn ? (copies, copyBytes) : (copies + 1, copyBytes + held);
        }

        return new HeldSum(DoraErrorCode.None, null, files, bytes, copies, copyBytes);
    }

    /// <summary>Of the version that readers are given now.</summary>
    private long MissingOf(FileStat file)
    {
        FileMetadata listed = FileStats.ToMetadata(file);
        FileMetadata current = catalog.TryGetKnown(listed.Id, listed.UfsPath) is { Kind: FileKind.File } known ? known : listed;
        return current.Length - (pages.Held(current.Id) is { } held && held.Version == current.Version ? held.Bytes : 0);
    }
}
