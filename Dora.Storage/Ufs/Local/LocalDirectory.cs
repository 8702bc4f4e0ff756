using System.IO.Enumeration;
using Dora.Core.Linux;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Ufs.Local;

/// <summary>The blocking operations of <see cref="LocalUfs"/>.</summary>
internal sealed class LocalDirectory(LocalRoot root, ListingRuns runs)
{
    /// <summary>Names of files being written; no listing shows them. A crash can leave one behind.</summary>
    public const string PartialPrefix = ".dora-partial-";

    /// <summary>Longer than a tick of the kernel's clock, which stamps files: a file changed this long ago gets another stamp with its next change.</summary>
    public static readonly TimeSpan Settled = TimeSpan.FromMilliseconds(20);

    private static readonly Comparer<string> LargestFirst = Comparer<string>.Create(static (a, b) => string.CompareOrdinal(b, a));

    public UfsStatResult Stat(string path)
    {
        UfsStatus status = root.Pin(path, out SafeFileHandle? pinned, out LinuxStat stat, out string? error);
        using (pinned)
        {
            return status != UfsStatus.Ok ? new UfsStatResult(status, default, error)
                : stat.ToUfs() is { } found ? new UfsStatResult(UfsStatus.Ok, found)
                : new UfsStatResult(UfsStatus.NotSupported, default, NoFile(path, stat));
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
            if (status != UfsStatus.Ok || !stat.IsFile)
            {
                return status != UfsStatus.Ok ? new UfsReadResult(status, 0, error)
                    : stat.IsDirectory ? new UfsReadResult(UfsStatus.IsDirectory, 0, $"'{root.Full(path)}' is a directory")
                    : new UfsReadResult(UfsStatus.NotSupported, 0, NoFile(path, stat));
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
                return ListPinned(directory!, path, ListingCursor.Parse(continuation), limit);
            }
            catch (UnauthorizedAccessException)
            {
                return new UfsListResult(UfsStatus.Denied, [], null, 0, LocalErrors.Describe(Errno.Access, root.Full(path)));
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
            return LocalErrors.ToStatus(errno != Errno.None ? errno : LinuxFile.RemoveAt(directory!, name, stat.IsDirectory));
        }
    }

    private UfsReadResult ReadOpen(SafeFileHandle file, string path, LinuxStat before, long offset, Span<byte> destination)
    {
        int wanted = (int)Math.Clamp(before.Length - offset, 0, destination.Length);
        if (!TryFill(file, offset, destination[..wanted], out string? error))
        {
            return error is null ? Changed(path) : new UfsReadResult(UfsStatus.Unavailable, 0, $"'{root.Full(path)}': {error}");
        }

        // The descriptor is of the file that was pinned, and nothing about it changed since, so nobody wrote while we read.
        return LinuxFile.Stat(file, out LinuxStat after) == Errno.None && after == before ? new UfsReadResult(UfsStatus.Ok, wanted) : Changed(path);
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

    private string NoFile(string path, in LinuxStat stat) => $"'{root.Full(path)}' is {stat.TypeName}: only files and directories are served";

    private UfsReadResult Changed(string path) =>
        new(UfsStatus.VersionChanged, 0, $"'{root.Full(path)}' is not the version that was opened: open it again");

    private UfsListResult ListPinned(SafeFileHandle directory, string path, ListingCursor cursor, int limit)
    {
        string? location = root.Locate();
        (ArraySegment<string> names, string? continuation, int skipped) = NextNames(directory, root.Full(path), cursor, limit);
        var entries = new List<UfsEntry>(names.Count);
        foreach (string name in names)
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

        return new UfsListResult(UfsStatus.Ok, entries, continuation, skipped);
    }

    /// <summary>The names of a page, from the run that the page before left or from a look at the directory. Where a run ends the page may be short.</summary>
    private (ArraySegment<string> Names, string? Continuation, int Skipped) NextNames(SafeFileHandle directory, string full, ListingCursor cursor, int limit)
    {
        int skipped = 0;
        ListingRun? run = runs.Find(full, cursor);
        if (run is null)
        {
            int most = Math.Max(limit, runs.RunLength);
            (string[] found, skipped) = SmallestNames(directory, cursor.After, most + 1);
            run = new ListingRun(full, cursor.After, new ArraySegment<string>(found, 0, Math.Min(found.Length, most)), IsLast: found.Length <= most);
            run = run.Names.Count > limit ? runs.Add(run) : run;
        }

        ArraySegment<string> names = run.NamesAfter(cursor.After);
        if (names.Count > limit)
        {
            return (names[..limit], new ListingCursor(names[limit - 1], run.Number).ToString(), skipped);
        }

        runs.Remove(run.Number);
        return (names, run.IsLast ? null : new ListingCursor(names[^1], 0).ToString(), skipped);
    }

    /// <summary>
    /// The first names after one in ordinal order, in memory bounded by <paramref name="count"/>, whatever the directory holds.
    /// Names that are not UTF-8 have no place in the order: the first look counts them.
    /// </summary>
    private static (string[] Names, int Skipped) SmallestNames(SafeFileHandle directory, string? after, int count)
    {
        var smallest = new PriorityQueue<string, string>(LargestFirst);
        int skipped = 0;
        var options = new EnumerationOptions { AttributesToSkip = 0, IgnoreInaccessible = false, ReturnSpecialDirectories = false };
        var wanted = new FileSystemEnumerable<string>(
            LinuxFile.DescriptorPath(directory), static (ref FileSystemEntry entry) => entry.FileName.ToString(), options)
        {
            ShouldIncludePredicate = IsWanted,
        };
        foreach (string name in wanted)
        {
            if (smallest.Count < count)
            {
                smallest.Enqueue(name, name);
            }
            else
            {
                smallest.EnqueueDequeue(name, name);
            }
        }

        string[] names = [.. smallest.UnorderedItems.Select(static item => item.Element)];
        Array.Sort(names, StringComparer.Ordinal);
        return (names, skipped);

        // Millions of names are looked at for a few that are taken: only those become objects.
        bool IsWanted(ref FileSystemEntry entry)
        {
            ReadOnlySpan<char> name = entry.FileName;
            bool isNext = name.SequenceCompareTo(after) > 0 && (smallest.Count < count || name.SequenceCompareTo(smallest.Peek()) < 0);
            if ((isNext || after is null) && !UfsPath.IsSegment(name))
            {
                skipped += after is null ? 1 : 0;
                return false;
            }

            return isNext && !name.StartsWith(PartialPrefix, StringComparison.Ordinal);
        }
    }
}
