using System.IO.Enumeration;
using Dora.Core.Linux;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Ufs.Local;

/// <summary>
/// The listings of <see cref="LocalUfs"/>, which block. What is left out is told: an entry that is neither file nor directory to Dora on the page where its name falls, a name that no path can have on the
/// first.
/// </summary>
internal sealed class LocalListing(LocalRoot root, ListingRuns runs)
{
    /// <summary>Names of files being written, which no listing shows. A crash can leave one behind.</summary>
    public const string PartialPrefix = ".dora-partial-";

    private static readonly Comparer<string> LargestFirst = Comparer<string>.Create(static (a, b) => string.CompareOrdinal(b, a));

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
                return new UfsListResult(status, [], null, error);
            }

            try
            {
                return ListPinned(directory!, path, ListingCursor.Parse(continuation), limit) with { DirectoryId = stat.DirectoryId };
            }
            catch (UnauthorizedAccessException)
            {
                return new UfsListResult(UfsStatus.Denied, [], null, LocalErrors.Describe(Errno.Access, root.Full(path)));
            }
            catch (IOException e)
            {
                return new UfsListResult(UfsStatus.Unavailable, [], null, $"'{root.Full(path)}': {e.Message}");
            }
        }
    }

    private UfsListResult ListPinned(SafeFileHandle directory, string path, ListingCursor cursor, int limit)
    {
        string? location = root.Locate();
        var skipped = new SkippedTally();
        (ArraySegment<string> names, string? continuation) = NextNames(directory, root.Full(path), cursor, limit, skipped);
        var entries = new List<UfsEntry>(names.Count);
        var pseudo = new PseudoDevices(directory);
        foreach (string name in names)
        {
            if (LocalRoot.StatChild(directory, location, name) is not { } child)
            {
                continue; // gone since its name was found
            }

            SkipReason? reason = name.StartsWith(PartialPrefix, StringComparison.Ordinal) ? SkipReason.Unfinished : child.SkipReason;
            if (reason is not null || pseudo.Has(child.Stat, name))
            {
                skipped.Add(reason ?? SkipReason.PseudoFile, name);
            }
            else
            {
                entries.Add(new UfsEntry(name, child.Stat.ToUfs()!.Value) { DirectoryId = child.Stat.DirectoryId, IsLink = child.IsLink });
            }
        }

        return new UfsListResult(UfsStatus.Ok, entries, continuation) { Skipped = skipped.ToArray() };
    }

    /// <summary>The names of a page, from the run that the page before left or from a look at the directory. Where a run ends the page may be short.</summary>
    private (ArraySegment<string> Names, string? Continuation) NextNames(
        SafeFileHandle directory, string full, ListingCursor cursor, int limit, SkippedTally skipped)
    {
        ListingRun? run = runs.Find(full, cursor);
        if (run is null)
        {
            int most = Math.Max(limit, runs.RunLength);
            (string[] found, int invalid) = SmallestNames(directory, cursor.After, most + 1);
            if (invalid > 0)
            {
                skipped.Add(SkipReason.InvalidName, invalid, InvalidNames.First(directory));
            }

            run = new ListingRun(full, cursor.After, new ArraySegment<string>(found, 0, Math.Min(found.Length, most)), IsLast: found.Length <= most);
            run = run.Names.Count > limit ? runs.Add(run) : run;
        }

        ArraySegment<string> names = run.NamesAfter(cursor.After);
        if (names.Count > limit)
        {
            return (names[..limit], new ListingCursor(names[limit - 1], run.Number).ToString());
        }

        runs.Remove(run.Number);
        return (names, run.IsLast ? null : new ListingCursor(names[^1], 0).ToString());
    }

    /// <summary>
    /// The first names after one in ordinal order, in memory bounded by <paramref name="count"/>, whatever the directory holds.
    /// Names that are not UTF-8 have no place in the order: the first look counts them.
    /// </summary>
    private static (string[] Names, int Invalid) SmallestNames(SafeFileHandle directory, string? after, int count)
    {
        var smallest = new PriorityQueue<string, string>(LargestFirst);
        int invalid = 0;
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
        return (names, invalid);

        // Millions of names are looked at for a few that are taken: only those become objects.
        bool IsWanted(ref FileSystemEntry entry)
        {
            ReadOnlySpan<char> name = entry.FileName;
            bool isNext = name.SequenceCompareTo(after) > 0 && (smallest.Count < count || name.SequenceCompareTo(smallest.Peek()) < 0);
            if ((isNext || after is null) && !UfsPath.IsSegment(name))
            {
                invalid += after is null ? 1 : 0;
                return false;
            }

            return isNext;
        }
    }
}
