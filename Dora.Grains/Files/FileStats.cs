using Dora.Interfaces;

namespace Dora.Grains.Files;

/// <summary>Makes the stats that travel.</summary>
internal static class FileStats
{
    /// <summary>What is remembered of a mounted path.</summary>
    public static FileStat From(DoraPath path, FileMetadata metadata) =>
        new(path.Value, metadata.UfsPath, metadata.Kind, metadata.Length, metadata.LastModified, metadata.Version.Value, metadata.LoadedAt);

    /// <summary>The reverse of <see cref="From(DoraPath, FileMetadata)"/>.</summary>
    public static FileMetadata ToMetadata(FileStat stat) =>
        new(stat.UfsPath, stat.Kind, stat.Length, stat.LastModified, new FileVersion(stat.Version), stat.LoadedAt);
}
