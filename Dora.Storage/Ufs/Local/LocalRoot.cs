using Dora.Core.Linux;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Ufs.Local;

/// <summary>
/// Resolves relative paths below a directory and never outside it.
/// <para>
/// The guarantee: a name is first <em>pinned</em> (an <c>O_PATH</c> handle: nothing is opened, no FIFO blocks, no device notices) in a way that cannot lead out of the root (<c>openat2</c>); where that fails,
/// the kernel is asked where the pinned file really is (<c>/proc/self/fd</c>). Then everything else is done through that handle. A symbolic link anywhere in the
/// path, also one that is put there between two of these steps, can change which file is pinned but not that the pinned one is checked: what is
/// served lay below the root's real path at the moment of the check. Links that stay below the root work. Not covered, as for any
/// server: hard links and bind mounts, which only the owner of the machine can place.
/// </para>
/// </summary>
internal sealed class LocalRoot(string directory)
{
    private readonly string _directory = directory;

    /// <summary>Pins what a path leads to.</summary>
    public UfsStatus Pin(string path, out SafeFileHandle? pinned, out LinuxStat stat, out string? error)
    {
        (pinned, stat) = (null, default);
        if (!UfsPath.IsValid(path, out error))
        {
            return UfsStatus.InvalidName;
        }

        int errno = LinuxFile.Pin(_directory, out SafeFileHandle? root);
        if (errno != Errno.None)
        {
            return Fail(errno, path, out error);
        }

        if (path.Length == 0)
        {
            return Check(root!, isBelow: true, path, out pinned, out stat, out error);
        }

        using (root)
        {
            bool isBelow = LinuxFile.PinBelow(root!, path, out SafeFileHandle? target) == Errno.None;
            errno = isBelow ? Errno.None : LinuxFile.PinAt(root!, path, out target);
            return errno == Errno.None
                ? Check(target!, isBelow || IsBelow(LinuxFile.Locate(root!), LinuxFile.Locate(target!)), path, out pinned, out stat, out error)
                : Fail(errno, path, out error);
        }
    }

    /// <summary>Pins a directory below which something is written, creating it and the ones above it when missing.</summary>
    public UfsStatus PinOrCreateDirectory(string path, out SafeFileHandle? pinned, out string? error)
    {
        UfsStatus status = Pin(path, out pinned, out LinuxStat stat, out error);
        if (status == UfsStatus.Ok && !stat.IsDirectory)
        {
            pinned!.Dispose();
            (pinned, error) = (null, $"'{Full(path)}' is a file: a directory is needed there");
            return UfsStatus.NotDirectory;
        }

        if (status != UfsStatus.NotFound || path.Length == 0)
        {
            return status;
        }

        (string parent, string name) = SplitLast(path);
        status = PinOrCreateDirectory(parent, out SafeFileHandle? above, out error);
        if (status != UfsStatus.Ok)
        {
            return status;
        }

        using (above)
        {
            int errno = LinuxFile.MakeDirectoryAt(above!, name);
            return errno is Errno.None or Errno.Exists ? Pin(path, out pinned, out _, out error) : Fail(errno, path, out error);
        }
    }

    /// <summary>A path as the machine's users know it, for messages.</summary>
    public string Full(string path) => path.Length == 0 ? _directory : _directory.TrimEnd('/') + "/" + path;

    /// <summary>Why what is there is not served; <see langword="null"/> when it is: an ordinary file, or a directory.</summary>
    public string? Refuse(string path, in LinuxStat stat, SafeFileHandle pinned) =>
        stat.SkipReason is not null ? $"'{Full(path)}' is {stat.TypeName}: only files and directories are served"
        : PseudoFiles.Name(stat, pinned) is { } kind ? $"'{Full(path)}' is a pseudo file of the kernel ({kind}), whose size says nothing of its content, and is not supported: copy it to a file"
        : null;

    /// <summary>An error number as an outcome.</summary>
    public UfsStatus Fail(int errno, string path, out string? error)
    {
        error = LocalErrors.Describe(errno, Full(path));
        return LocalErrors.ToStatus(errno);
    }

    /// <summary>The directory and the last segment of a path that is not empty.</summary>
    public static (string Parent, string Name) SplitLast(string path)
    {
        int slash = path.LastIndexOf('/');
        return slash < 0 ? (string.Empty, path) : (path[..slash], path[(slash + 1)..]);
    }

    /// <summary>Where the root really is now; <see langword="null"/> when it is gone.</summary>
    public string? Locate()
    {
        LinuxFile.Pin(_directory, out SafeFileHandle? root);
        using (root)
        {
            return root is null ? null : LinuxFile.Locate(root);
        }
    }

    /// <summary>What a name in a pinned directory is or, for a link, leads to when that is below <paramref name="location"/>, the place of the root.</summary>
    /// <returns><see langword="null"/> when nothing has that name any more.</returns>
    public static LocalChild? StatChild(SafeFileHandle directory, string? location, string name)
    {
        int errno = LinuxFile.StatAt(directory, name, out LinuxStat stat);
        return errno == Errno.NoEntry ? null
            : errno != Errno.None ? new LocalChild(default, SkipReasonOf(errno), IsLink: false)
            : stat.IsLink ? FollowChild(directory, location, name)
            : new LocalChild(stat, stat.SkipReason, IsLink: false);
    }

    private static LocalChild FollowChild(SafeFileHandle directory, string? location, string name)
    {
        int errno = LinuxFile.PinAt(directory, name, out SafeFileHandle? target);
        using (target)
        {
            LinuxStat stat = default;
            errno = errno == Errno.None ? LinuxFile.Stat(target!, out stat) : errno;
            SkipReason? reason = errno is Errno.NoEntry or Errno.NotDirectory or Errno.LinkLoop ? SkipReason.BrokenLink
                : errno != Errno.None ? SkipReasonOf(errno)
                : stat.Links == 0 ? SkipReason.BrokenLink
                : !IsBelow(location, LinuxFile.Locate(target!)) ? SkipReason.OutsideLink
                : stat.SkipReason;
            return new LocalChild(stat, reason, IsLink: true);
        }
    }

    private static SkipReason SkipReasonOf(int errno) => LocalErrors.ToStatus(errno) == UfsStatus.Denied ? SkipReason.Denied : SkipReason.Failed;

    /// <summary>Hands out <paramref name="target"/> when it is there and at or below the root; closes it otherwise.</summary>
    private UfsStatus Check(
        SafeFileHandle target, bool isBelow, string path, out SafeFileHandle? pinned, out LinuxStat stat, out string? error)
    {
        (pinned, error) = (null, null);
        int errno = LinuxFile.Stat(target, out stat);
        UfsStatus status = UfsStatus.Ok;
        if (errno != Errno.None)
        {
            status = Fail(errno, path, out error);
        }
        else if (stat.Links == 0)
        {
            status = Fail(Errno.NoEntry, path, out error);
        }
        else if (!isBelow)
        {
            (status, error) = (UfsStatus.InvalidName, $"'{Full(path)}' leads out of the mount's root '{_directory}': remove the symbolic link");
        }

        if (status != UfsStatus.Ok)
        {
            target.Dispose();
            return status;
        }

        pinned = target;
        return UfsStatus.Ok;
    }

    private static bool IsBelow(string? root, string? location) =>
        root is ['/', ..]
        && location is ['/', ..]
        && location.StartsWith(root, StringComparison.Ordinal)
        && (root.Length == 1 || location.Length == root.Length || location[root.Length] == '/');
}
