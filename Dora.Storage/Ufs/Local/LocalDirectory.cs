using System.IO.Enumeration;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Ufs.Local;

/// <summary>The blocking operations of <see cref="LocalUfs"/>.</summary>
internal sealed class LocalDirectory(LocalRoot root)
{
    /// <summary>Names of files being written; no listing shows them. A crash can leave one behind.</summary>
    public const string PartialPrefix = ".dora-partial-";

    /// <summary>Longer than a tick of the kernel's clock, which stamps files: a file changed this long ago gets another stamp with its next change.</summary>
    public static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(20);

    private const int ReadAttempts = 3;

    private static readonly Comparer<string> LargestFirst = Comparer<string>.Create(static (a, b) => string.CompareOrdinal(b, a));

    public UfsStatResult Stat(string path)
    {
        UfsStatus status = root.Pin(path, out SafeFileHandle? pinned, out LinuxStat stat, out string? error);
        using (pinned)
        {
            return status != UfsStatus.Ok ? new UfsStatResult(status, default, error)
                : stat.ToUfs() is { } found ? new UfsStatResult(UfsStatus.Ok, found)
                : new UfsStatResult(UfsStatus.NotFound, default, $"'{root.Full(path)}' is neither a file nor a directory");
        }
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
            if (status != UfsStatus.Ok || !stat.IsFile)
            {
                return status != UfsStatus.Ok ? new UfsReadResult(status, 0, error)
                    : stat.IsDirectory ? new UfsReadResult(UfsStatus.IsDirectory, 0, $"'{root.Full(path)}' is a directory")
                    : new UfsReadResult(UfsStatus.NotFound, 0, $"'{root.Full(path)}' is neither a file nor a directory");
            }

            if (stat.Version != version)
            {
                return Changed(path);
            }

            if (stat.Modified <= now && now - stat.Modified < Settled)
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

    public UfsListResult List(string path, string? continuation, int limit)
    {
        UfsStatus status = root.Pin(path, out SafeFileHandle? directory, out LinuxStat stat, out string? error);
        using (directory)
        {
            if (status == UfsStatus.Ok && !stat.IsDirectory)
            {
                (status, error) = (UfsStatus.NotDirectory, $"'{root.Full(path)}' is not a directory");
            }

            if (status != UfsStatus.Ok)
            {
                return new UfsListResult(status, [], null, 0, error);
            }

            try
            {
                return ListPinned(directory!, continuation, limit);
            }
            catch (UnauthorizedAccessException)
            {
                return new UfsListResult(UfsStatus.Denied, [], null, 0, Errno.Describe(Errno.Access, root.Full(path)));
            }
            catch (IOException e)
            {
                return new UfsListResult(UfsStatus.Unavailable, [], null, 0, $"'{root.Full(path)}': {e.Message}");
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
            return Errno.ToStatus(errno != Errno.None ? errno : LinuxFile.RemoveAt(directory!, name, stat.IsDirectory));
        }
    }

    private UfsReadResult ReadOpen(SafeFileHandle file, string path, LinuxStat before, long offset, Span<byte> destination)
    {
        FileVersion version = before.Version;
        for (int attempt = 0; attempt < ReadAttempts && before.Version == version; attempt++)
        {
            int wanted = (int)Math.Clamp(before.Length - offset, 0, destination.Length);
            if (!TryFill(file, offset, destination[..wanted], out string? error))
            {
                return error is null ? Changed(path) : new UfsReadResult(UfsStatus.Unavailable, 0, $"'{root.Full(path)}': {error}");
            }

            // Nothing about the file changed since it was pinned, so nobody wrote while we read.
            if (LinuxFile.Stat(file, out LinuxStat after) == Errno.None && after == before)
            {
                return new UfsReadResult(UfsStatus.Ok, wanted);
            }

            // Perhaps only its permissions or names: a second look tells.
            before = after;
        }

        return Changed(path);
    }

    private static bool TryFill(SafeFileHandle file, long offset, Span<byte> destination, out string? error)
    {
        error = null;
        try
        {
            for (int read = 0; read < destination.Length;)
            {
                int count = RandomAccess.Read(file, destination[read..], offset + read);
                if (count == 0)
                {
                    return false;
                }

                read += count;
            }

            return true;
        }
        catch (IOException e)
        {
            error = e.Message;
            return false;
        }
    }

    private UfsReadResult Changed(string path) =>
        new(UfsStatus.VersionChanged, 0, $"'{root.Full(path)}' is not the version that was opened: open it again");

    private UfsListResult ListPinned(SafeFileHandle directory, string? continuation, int limit)
    {
        string? location = root.Locate();
        (string[] names, int skipped) = SmallestNames(directory, continuation, limit + 1);
        var entries = new List<UfsEntry>(Math.Min(names.Length, limit));
        foreach (string name in names.AsSpan(0, Math.Min(names.Length, limit)))
        {
            UfsStatus status = root.StatChild(directory, location, name, out LinuxStat stat);
            if (status == UfsStatus.Ok && stat.ToUfs() is { } found)
            {
                entries.Add(new UfsEntry(name, found));
            }
            else if (status != UfsStatus.NotFound)
            {
                skipped++;
            }
        }

        return new UfsListResult(UfsStatus.Ok, entries, names.Length > limit ? names[limit - 1] : null, skipped);
    }

    /// <summary>
    /// The first names after the continuation in ordinal order, in memory bounded by <paramref name="count"/>, whatever the directory holds.
    /// Names that are not UTF-8 have no place in the order: the first page counts them.
    /// </summary>
    private static (string[] Names, int Skipped) SmallestNames(SafeFileHandle directory, string? continuation, int count)
    {
        var options = new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false, ReturnSpecialDirectories = false };
        var all = new FileSystemEnumerable<string>(
            LinuxFile.DescriptorPath(directory), static (ref FileSystemEntry entry) => entry.FileName.ToString(), options);
        var smallest = new PriorityQueue<string, string>(LargestFirst);
        int skipped = 0;
        foreach (string name in all)
        {
            if (!UfsPath.IsSegment(name))
            {
                skipped += continuation is null ? 1 : 0;
            }
            else if (string.CompareOrdinal(name, continuation) > 0 && !name.StartsWith(PartialPrefix, StringComparison.Ordinal))
            {
                smallest.Enqueue(name, name);
                if (smallest.Count > count)
                {
                    smallest.Dequeue();
                }
            }
        }

        string[] names = [.. smallest.UnorderedItems.Select(static item => item.Element)];
        Array.Sort(names, StringComparer.Ordinal);
        return (names, skipped);
    }
}
