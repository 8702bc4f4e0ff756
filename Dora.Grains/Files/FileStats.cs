using Dora.Interfaces;
using Dora.Storage.Ufs;

namespace Dora.Grains.Files;

/// <summary>Makes the stats that travel.</summary>
internal static class FileStats
{
    /// <summary>What is remembered of a mounted path.</summary>
    public static FileStat From(DoraPath path, FileMetadata metadata) =>
        new(path.Value, metadata.UfsPath, metadata.Kind, metadata.Length, metadata.LastModified, metadata.Version.Value, metadata.LoadedAt);

    /// <summary>An entry of a store's directory.</summary>
    public static FileStat From(DoraPath path, string ufsPath, UfsStat stat, DateTimeOffset loadedAt) =>
        new(path.Value, ufsPath, stat.Kind, stat.Length, stat.LastModified, stat.Version.Value, loadedAt);

    /// <summary>A directory that is there because a mount is at it or below it.</summary>
    public static FileStat MountDirectory(DoraPath path, MountTable mounts, DateTimeOffset now)
    {
        string ufs = mounts.Resolve(path) is { Relative.Length: 0 } root ? root.UfsPath : string.Empty;
        return new FileStat(path.Value, ufs, FileKind.Directory, 0, DateTimeOffset.UnixEpoch, 0, now);
    }

    /// <summary>The reverse of <see cref="From(DoraPath, FileMetadata)"/>.</summary>
    public static FileMetadata ToMetadata(FileStat stat) =>
        new(stat.UfsPath, stat.Kind, stat.Length, stat.LastModified, new FileVersion(stat.Version), stat.LoadedAt);
}
