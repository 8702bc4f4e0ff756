namespace Dora.Storage.Ufs.Local;

/// <summary>
/// Names of large directories, sorted, ahead of the pages that were asked for. A directory of the file system gives its names in no order, so the next ones by name are found by looking at all
/// of them. Doing that for every page would cost the square of the directory's size; so one look takes many pages' names, and the listing that caused it goes on from there.
/// A run serves the listing it was made for only (its number is in the continuation): another listing, begun later, may have to see files that came since.
/// Bounded: a few runs, the least recently used one goes; its listing then looks again.
/// </summary>
/// <param name="runLength">Names in a run, 1 or more. The default of 131,072 takes 19 MB with names of 60 characters.</param>
internal sealed class ListingRuns(int runLength = 131_072)
{
    private const int MaxRuns = 4;

    private readonly Lock _lock = new();
    private readonly List<ListingRun> _runs = []; // the least recently used first
    private long _last;

    /// <summary>Names in a run.</summary>
    public int RunLength => runLength;

    /// <summary>The run with the names that follow a name.</summary>
    /// <returns><see langword="null"/> when that run is not there, is of another directory, or does not go on after that name.</returns>
    public ListingRun? Find(string directory, in ListingCursor cursor)
    {
        lock (_lock)
        {
            long number = cursor.Run;
            int index = number == 0 ? -1 : _runs.FindIndex(r => r.Number == number);
            if (index < 0)
            {
                return null;
            }

            ListingRun run = _runs[index];
            _runs.RemoveAt(index);
            _runs.Add(run);
            return run.Directory == directory && run.Covers(cursor.After) ? run : null;
        }
    }

    /// <summary>Keeps a run for the pages to come.</summary>
    /// <returns>It, with its number.</returns>
    public ListingRun Add(ListingRun run)
    {
        lock (_lock)
        {
            if (_runs.Count == MaxRuns)
            {
                _runs.RemoveAt(0);
            }

            _runs.Add(run with { Number = ++_last });
            return _runs[^1];
        }
    }

    /// <summary>Drops a run that has nothing more to give.</summary>
    public void Remove(long number)
    {
        lock (_lock)
        {
            _runs.RemoveAll(r => r.Number == number);
        }
    }
}
