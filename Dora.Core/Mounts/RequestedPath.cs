namespace Dora;

/// <summary>What a path means for a caller by one mount table, before anybody is asked what is there.</summary>
/// <param name="Caller">Who asks.</param>
/// <param name="Path">The path; the root when the text is none.</param>
/// <param name="Mounts">The mount table it was looked up in.</param>
/// <param name="Mounted">The path in its mount; <see langword="null"/> when it is under none.</param>
/// <param name="Id">The id that places it on the ring.</param>
/// <param name="Error">Why the text is no path, in one line; <see langword="null"/> when it is one.</param>
internal readonly record struct RequestedPath(Caller Caller, DoraPath Path, MountTable Mounts, MountedPath? Mounted, FileId Id, string? Error)
{
    /// <summary>Looks a path up.</summary>
    /// <param name="caller">Who asks.</param>
    /// <param name="text">The path as it was given.</param>
    /// <param name="mounts">The mount table.</param>
    public static RequestedPath Resolve(Caller caller, string text, MountTable mounts)
    {
        ArgumentNullException.ThrowIfNull(mounts);
        if (!DoraPath.TryParse(text, out DoraPath path, out string? error))
        {
            return new RequestedPath(caller, default, mounts, null, default, error);
        }

        MountedPath? mounted = mounts.Resolve(path);
        return new RequestedPath(caller, path, mounts, mounted, mounted is { } found ? FileId.FromUfsPath(found.UfsPath) : mounts.FileIdOf(path), null);
    }
}
