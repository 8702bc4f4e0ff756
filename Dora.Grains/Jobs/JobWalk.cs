using Dora.Grains.ClusterStore;
using Dora.Interfaces;

namespace Dora.Grains.Jobs;

/// <summary>
/// Which directory a job lists next, and what of a listing is to be done: directories once each, links to directories when all others are listed (or when very many wait). What is left out is counted.
/// What it knows is not kept when a job is taken over: a directory may be visited once more then, by another path.
/// </summary>
internal sealed class JobWalk(LoadLedger ledger, DirectoryWalk walk)
{
    /// <summary>Counts what it finds.</summary>
    public LoadLedger Ledger => ledger;

    /// <summary>The walk of a job, from where it was written last.</summary>
    public static JobWalk Of(StoredJob job) => new(new LoadLedger(job), new DirectoryWalk(DoraPath.Parse(job.Path), !job.NoFollow));

    /// <summary>Takes the next listing to be begun.</summary>
    /// <param name="isQuiet">Whether no listing is under way, so that all directories are known that are not behind links.</param>
    public LoadUnit? Begin(bool isQuiet)
    {
        while (true)
        {
            if (ledger.Begin() is { } unit)
            {
                if (TryEnter(unit, unit.DirectoryId))
                {
                    return unit;
                }
            }
            else if (isQuiet ? ledger.Links == 0 : ledger.Links <= LoadLedger.WidestFrontier)
            {
                return null;
            }
            else
            {
                foreach (LoadUnit link in ledger.TakeLinks().Where(link => TryEnter(link, link.DirectoryId)).ToArray())
                {
                    link.IsEntered = true;
                    ledger.Return(link);
                }
            }
        }
    }

    /// <summary>Takes a page of a listing: its directories and the next page are listed later, its files are the caller's. The unit is listed after that.</summary>
    public IReadOnlyList<FileStat> Take(LoadUnit unit, ListReply page)
    {
        (string path, string? continuation) = unit.Listing;
        if (continuation is null && unit.DirectoryId == UInt128.Zero && walk.Enter(page.DirectoryId, unit.Listing.IsLink) is { } known)
        {
            ledger.Skip(unit, known, 1, [path]);
            return [];
        }

        foreach (SkippedEntries skipped in page.SkippedEntries)
        {
            ledger.Skip(unit, skipped.Reason, skipped.Count, [.. skipped.Names.Select(name => path == "/" ? "/" + name : $"{path}/{name}")]);
        }

        List<FileStat> files = new(page.Entries.Length);
        foreach (FileStat entry in page.Entries)
        {
            if (walk.Judge(entry.Path, entry.Kind == FileKind.Directory, entry.IsLink) is { } reason)
            {
                ledger.Skip(unit, reason, 1, [entry.Path]);
            }
            else if (entry.Kind == FileKind.Directory)
            {
                ledger.Add(unit, new(entry.Path, null) { IsLink = entry.IsLink }, entry.DirectoryId);
            }
            else
            {
                files.Add(entry);
            }
        }

        if (page.Continuation is not null)
        {
            ledger.Add(unit, new(path, page.Continuation));
        }

        return files;
    }

    /// <summary>Enters a directory, or leaves it out.</summary>
    private bool TryEnter(LoadUnit unit, UInt128 directory)
    {
        if (unit.IsEntered || unit.Listing.Continuation is not null || walk.Enter(directory, unit.Listing.IsLink) is not { } reason)
        {
            return true;
        }

        ledger.Skip(unit, reason, 1, [unit.Listing.Path]);
        ledger.Listed(unit);
        return false;
    }
}
