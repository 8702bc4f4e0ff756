namespace Dora.Grains.Placement;

/// <summary>From a file grain's key to its place on the ring.</summary>
internal static class FileGrainKey
{
    /// <summary>The file id of a key; a key that is no path has a place too, where its grain says so.</summary>
    public static FileId FileIdOf(string key, MountTable mounts) =>
        DoraPath.TryParse(key, out DoraPath path, out _) ? mounts.FileIdOf(path) : FileId.FromUfsPath("dora-invalid://" + key);
}
