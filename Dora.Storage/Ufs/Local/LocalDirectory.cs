using Dora.Core.Linux;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Ufs.Local;

/// <summary>The blocking operations of <see cref="LocalUfs"/> on one path.</summary>
internal sealed class LocalDirectory(LocalRoot root)
{
    /// <summary>Longer than a tick of the kernel's clock, which stamps files: a file changed this long ago gets another stamp with its next change.</summary>
    public static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(20);

    public UfsStatResult Stat(string path)
    {
        UfsStatus status = root.Pin(path, out SafeFileHandle? pinned, out LinuxStat stat, out string? error);
        using (pinned)
        {
            return status != UfsStatus.Ok ? new UfsStatResult(status, default, error)
                : root.Refuse(path, stat, pinned!) is { } refusal ? new UfsStatResult(UfsStatus.NotSupported, default, refusal)
                : new UfsStatResult(UfsStatus.Ok, stat.ToUfs()!.Value);
        }
    }

    public UfsStatResult StatIfChanged(string path, FileVersion known)
    {
        UfsStatResult result = Stat(path);
        return result is { Status: UfsStatus.Ok, Stat.Kind: FileKind.File } && result.Stat.Version == known ? new UfsStatResult(UfsStatus.NotModified, default) : result;
    }

    /// <summary>Reads bytes of a version.</summary>
    /// <param name="path">The file.</param>
    /// <param name="version">Its version.</param>
    /// <param name="offset">First byte.</param>
    /// <param name="destination">Receives the bytes.</param>
    /// <param name="now">The time.</param>
    /// <returns><see langword="null"/> when the file was changed so lately that its next change may go unseen: read it in a moment.</returns>
    public UfsReadResult? Read(string path, FileVersion version, long offset, Span<byte> destination, DateTimeOffset now)
    {
        UfsStatus status = root.Pin(path, out SafeFileHandle? pinned, out LinuxStat stat, out string? error);
        using (pinned)
        {
            if (status != UfsStatus.Ok || stat.IsDirectory)
            {
                return status != UfsStatus.Ok ? new UfsReadResult(status, 0, error)
                    : new UfsReadResult(UfsStatus.IsDirectory, 0, $"'{root.Full(path)}' is a directory");
            }

            if (root.Refuse(path, stat, pinned!) is { } refusal)
            {
                return new UfsReadResult(UfsStatus.NotSupported, 0, refusal);
            }

            if (stat.Version != version)
            {
                return Changed(path);
            }

            if (stat.Changed <= now && now - stat.Changed < Settled)
            {
                return null;
            }

            int errno = LinuxFile.Reopen(pinned!, out SafeFileHandle? file);
            if (errno != Errno.None)
            {
                return new UfsReadResult(root.Fail(errno, path, out error), 0, error);
            }

            using (file)
            {
                return ReadOpen(file!, path, stat, offset, destination);
            }
        }
    }

    public UfsStatus Delete(string path)
    {
        if (path.Length == 0)
        {
            return UfsStatus.Denied;
        }

        if (!UfsPath.IsValid(path, out _))
        {
            return UfsStatus.InvalidName;
        }

        (string parent, string name) = LocalRoot.SplitLast(path);
        UfsStatus status = root.Pin(parent, out SafeFileHandle? directory, out _, out _);
        using (directory)
        {
            if (status != UfsStatus.Ok)
            {
                return status;
            }

            int errno = LinuxFile.StatAt(directory!, name, out LinuxStat stat);
            return LocalErrors.ToStatus(errno != Errno.None ? errno : LinuxFile.RemoveAt(directory!, name, stat.IsDirectory));
        }
    }

    /// <summary>Reads bytes of an open file that was found to be the right one.</summary>
    internal UfsReadResult ReadOpen(SafeFileHandle file, string path, LinuxStat before, long offset, Span<byte> destination)
    {
        int wanted = (int)Math.Clamp(before.Length - offset, 0, destination.Length);
        int read = Fill(file, offset, destination[..wanted], out string? error);
        if (error is not null)
        {
            return new UfsReadResult(UfsStatus.Unavailable, 0, $"'{root.Full(path)}': {error}");
        }

        // The descriptor is of the file that was pinned, and nothing about it changed since, so nobody wrote while we read.
        bool isUnchanged = LinuxFile.Stat(file, out LinuxStat after) == Errno.None && after.IsUnchangedSince(before);
        return !isUnchanged ? Changed(path)
            : read < wanted ? new UfsReadResult(UfsStatus.Short, 0, UfsMessages.Short(root.Full(path), offset + read, before.Length))
            : new UfsReadResult(UfsStatus.Ok, wanted);
    }

    /// <summary>Reads until the destination is full or the file ends.</summary>
    private static int Fill(SafeFileHandle file, long offset, Span<byte> destination, out string? error)
    {
        error = null;
        int read = 0;
        try
        {
            for (int count = 1; count > 0 && read < destination.Length; read += count)
            {
                count = RandomAccess.Read(file, destination[read..], offset + read);
            }
        }
        catch (IOException e)
        {
            error = e.Message;
        }

        return read;
    }

    private UfsReadResult Changed(string path) =>
        new(UfsStatus.VersionChanged, 0, $"'{root.Full(path)}' is not the version that was opened: open it again");
}
