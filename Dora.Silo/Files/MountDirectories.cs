namespace Dora.Silo.Files;

/// <summary>Directories that are there because a mount is at them or below them.</summary>
internal static class MountDirectories
{
    /// <summary>The directory as metadata; its UFS path is the mount's, or empty above all mounts.</summary>
    public static FileMetadata Describe(DoraPath path, MountTable mounts, DateTimeOffset now)
    {
        string ufs = mounts.Resolve(path) is { Relative.Length: 0 } root ? root.UfsPath : string.Empty;
        return new FileMetadata(ufs, FileKind.Directory, 0, default, FileVersion.None, now);
    }
}
