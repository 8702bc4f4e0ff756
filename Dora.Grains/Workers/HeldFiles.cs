using Dora.Grains.Files;
using Dora.Interfaces;
using Dora.Storage.Files;
using Dora.Storage.Pages;

namespace Dora.Grains.Workers;

/// <summary>Says what this worker holds of files, for who was told that they are loaded.</summary>
internal sealed class HeldFiles(IPageStore pages, IFileCatalog catalog, WorkerReport report)
{
    /// <summary>Looks at files.</summary>
    public HeldReply Look(FileStat[] files)
    {
        long[] missing = Array.ConvertAll(files, MissingOf);
        PageStoreStatistics now = pages.Statistics;
        return new HeldReply(DoraErrorCode.None, null, missing, new HeldSpace(report.StartedAt, now.Dropped, now.CapacityBytes));
    }

    /// <summary>Of the version that readers are given now.</summary>
    private long MissingOf(FileStat file)
    {
        FileMetadata listed = FileStats.ToMetadata(file);
        FileMetadata current = catalog.TryGetKnown(listed.Id, listed.UfsPath) is { Kind: FileKind.File } known ? known : listed;
        return current.Length - (pages.Held(current.Id) is { } held && held.Version == current.Version ? held.Bytes : 0);
    }
}
