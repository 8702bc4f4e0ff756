namespace Dora.Grains.Placement;

/// <summary>A file-grain activation of this silo, with its place on the ring kept for the mount table it was computed from. One sweep at a time uses it.</summary>
internal sealed class FileGrainEntry(IGrainContext context)
{
    private long _mountsVersion = -1;
    private FileId _file;

    /// <summary>The activation.</summary>
    public IGrainContext Context => context;

    /// <summary>The grain's place on the ring.</summary>
    public FileId FileIdIn(MountTable mounts)
    {
        if (_mountsVersion != mounts.Version)
        {
            _file = FileGrainKey.FileIdOf(context.GrainId.Key.ToString() ?? string.Empty, mounts);
            _mountsVersion = mounts.Version;
        }

        return _file;
    }
}
