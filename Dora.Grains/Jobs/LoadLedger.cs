using Dora.Grains.ClusterStore;

namespace Dora.Grains.Jobs;

/// <summary>
/// Counts a load job so that it can be written at any instant and gone on with exactly: every file that the written counters have is done, and everything else is found again behind the written
/// listings. A unit is counted there once it is done and what found it is counted; until then what found it is pending, or it is itself. Used on one grain's scheduler, so without locks.
/// </summary>
internal sealed class LoadLedger
{
    /// <summary>Failures that are kept as text; the rest is counted.</summary>
    public const int MaxFailures = 20;

    // Breadth first while the list of directories is short; depth first when it grows, which bounds it by depth instead of width.
    internal const int WidestFrontier = 10_000;

    private readonly LinkedList<LoadUnit> _pending = new();
    private readonly LinkedList<LoadUnit> _waiting = new();
    private readonly List<LoadUnit> _links = [];
    private readonly SkippedTally _skipped = new();
    private readonly SkippedTally _countedSkipped = new();
    private readonly List<string> _counted;
    private readonly List<string> _failures;

    public LoadLedger(StoredJob job)
    {
        (Live, Counted) = (job.Counters, job.Counters);
        _counted = [.. job.Failures];
        _failures = [.. job.Failures];
        foreach (PendingListing listing in job.Pending)
        {
            var unit = new LoadUnit(listing, null);
            unit.Pending = _pending.AddLast(unit);
            Return(unit);
        }

        _skipped.Add(job.Skipped ?? []);
        _countedSkipped.Add(job.Skipped ?? []);
    }

    /// <summary>What is counted so far, units under way included.</summary>
    public JobCounters Live { get; private set; }

    /// <summary>What is counted of units that are done: what is written.</summary>
    public JobCounters Counted { get; private set; }

    /// <summary>The first failures so far.</summary>
    public IReadOnlyList<string> Failures => _failures;

    /// <summary>Whether everything was found and is done.</summary>
    public bool IsEmpty => _pending.Count == 0;

    /// <summary>Whether a listing waits to be begun.</summary>
    public bool HasWaiting => _waiting.Count + _links.Count > 0;

    /// <summary>Links to directories that wait for <see cref="TakeLinks"/>.</summary>
    public int Links => _links.Count;

    /// <summary>What was left out so far.</summary>
    public SkippedEntries[] Skipped => _skipped.ToArray();

    /// <summary>Takes the next listing to be begun, links to directories left out.</summary>
    public LoadUnit? Begin()
    {
        LinkedListNode<LoadUnit>? next = _waiting.Count > WidestFrontier ? _waiting.Last : _waiting.First;
        if (next is not null)
        {
            _waiting.Remove(next);
        }

        return next?.Value;
    }

    /// <summary>Takes all links to directories, the least path first.</summary>
    public IReadOnlyList<LoadUnit> TakeLinks()
    {
        LoadUnit[] links = [.. _links.OrderBy(static l => l.Listing.Path, StringComparer.Ordinal)];
        _links.Clear();
        return links;
    }

    /// <summary>A listing waits to be begun.</summary>
    public void Return(LoadUnit unit)
    {
        if (unit.Listing.IsLink && !unit.IsEntered)
        {
            _links.Add(unit);
        }
        else
        {
            _waiting.AddLast(unit);
        }
    }

    /// <summary>A unit has found a listing: it is begun later.</summary>
    public void Add(LoadUnit unit, PendingListing listing, UInt128 directoryId = default) => Return(Part(unit, listing, directoryId));

    /// <summary>Entries of a unit are left out.</summary>
    public void Skip(LoadUnit unit, SkipReason reason, long count, IReadOnlyList<string> names)
    {
        unit.Skipped.Add(reason, count, names);
        _skipped.Add(reason, count, names);
    }

    /// <summary>A unit has found a file.</summary>
    public void Found(LoadUnit unit, long length)
    {
        unit.Open++;
        Count(unit, new JobCounters(1, length, 0, 0, 0));
    }

    /// <summary>A unit has found a file that is done apart, or gives one away that takes its time, so that the rest of the unit need not wait for it.</summary>
    /// <returns>The file's own unit.</returns>
    public LoadUnit Split(LoadUnit unit, string path, long length, bool wasFound)
    {
        if (wasFound)
        {
            unit.Open--;
            Count(unit, new JobCounters(-1, -length, 0, 0, 0));
        }

        LoadUnit part = Part(unit, new PendingListing(path, null));
        part.IsListed = true;
        Found(part, length);
        if (wasFound)
        {
            CountIfDone(unit);
        }

        return part;
    }

    /// <summary>A file is cached, of which so much was fetched.</summary>
    public void Loaded(LoadUnit unit, long length, long fetched = 0)
    {
        unit.Open--;
        Count(unit, new JobCounters(0, 0, 1, length, 0, fetched));
        CountIfDone(unit);
    }

    /// <summary>A file is given up.</summary>
    public void Failed(LoadUnit unit, string failure)
    {
        unit.Open--;
        Fail(unit, failure);
        CountIfDone(unit);
    }

    /// <summary>A unit has found all that it will find.</summary>
    public void Listed(LoadUnit unit)
    {
        unit.IsListed = true;
        CountIfDone(unit);
    }

    /// <summary>A unit could not be listed: it counts as one failure.</summary>
    public void NotListed(LoadUnit unit, string failure)
    {
        Fail(unit, failure);
        Listed(unit);
    }

    /// <summary>The job as it can be gone on with.</summary>
    public StoredJob Write(StoredJob job) => job with
    {
        Counters = Counted,
        Failures = [.. _counted],
        Pending = [.. _pending.Select(static u => u.Listing)],
        Skipped = _countedSkipped.Count > 0 ? _countedSkipped.ToArray() : null,
    };

    private static LoadUnit Part(LoadUnit unit, PendingListing listing, UInt128 directoryId = default)
    {
        var part = new LoadUnit(listing, unit) { DirectoryId = directoryId };
        unit.Parts.Add(part);
        return part;
    }

    private void Fail(LoadUnit unit, string failure)
    {
        Count(unit, new JobCounters(0, 0, 0, 0, 1));
        foreach (List<string> failures in (ReadOnlySpan<List<string>>)[unit.Failures, _failures])
        {
            if (failures.Count < MaxFailures)
            {
                failures.Add(failure);
            }
        }
    }

    private void Count(LoadUnit unit, JobCounters more)
    {
        unit.Counters = unit.Counters.Plus(more);
        Live = Live.Plus(more);
    }

    private void CountIfDone(LoadUnit unit)
    {
        var perhaps = new Stack<LoadUnit>([unit]);
        while (perhaps.TryPop(out LoadUnit? next))
        {
            if (!next.IsDone || next.Parent is not null || next.Pending is null)
            {
                continue;
            }

            Counted = Counted.Plus(next.Counters);
            _counted.AddRange(next.Failures.Take(MaxFailures - _counted.Count));
            _countedSkipped.Add(next.Skipped.ToArray());
            foreach (LoadUnit part in next.Parts)
            {
                part.Parent = null;
                part.Pending = _pending.AddLast(part);
                perhaps.Push(part);
            }

            _pending.Remove(next.Pending);
            next.Pending = null;
        }
    }
}
