using Dora.Grains.ClusterStore;
using Dora.Interfaces;

namespace Dora.Grains.Jobs;

/// <summary>
/// Finds out whether what a job has loaded is held at its end. When no worker has dropped anything since the job began, it is, and that takes a question to each; else all files are listed again and each
/// owner is asked for its own.
/// </summary>
internal sealed class HeldCheck(StoredJob job, JobCalls calls, IClusterState cluster, TimeProvider time)
{
    private const int MaxPages = 4;

    /// <summary>Whether every file is still to be looked at: else what was dropped before is not known.</summary>
    private readonly bool _isFresh = job.Counters == default && job.Pending is [{ Continuation: null } only] && only.Path == job.Path;
    private readonly HashSet<WorkerId> _earlier = [];
    private readonly long _startedAt = time.GetTimestamp();
    private Dictionary<WorkerId, HeldSpace>? _before;
    private WorkerRing? _ring;

    /// <summary>The most bytes of the path that the workers can hold; <see langword="null"/> while one of them has not said.</summary>
    public long? CapacityBytes { get; private set; }

    /// <summary>Asks every worker for the state of its cache, before anything is loaded.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        _ring = cluster.Current.Ring;
        _before = await AskAllAsync(cancellationToken);
        CapacityBytes = _before is null ? job.CapacityBytes : Capacity(_before.Values);
    }

    /// <summary>Looks what is held.</summary>
    /// <param name="loaded">What the job has loaded.</param>
    /// <param name="cancellationToken">Cancels the look.</param>
    public async Task<HeldTotals> RunAsync(JobCounters loaded, CancellationToken cancellationToken)
    {
        Dictionary<WorkerId, HeldSpace>? now = await AskAllAsync(cancellationToken);
        CapacityBytes = now is null ? CapacityBytes : Capacity(now.Values);
        return IsUndisturbed(now)
            ? new HeldTotals(loaded.FilesDone + loaded.FilesFailed, loaded.FilesDone, loaded.BytesDone, [])
            : await WalkAsync(cancellationToken);
    }

    /// <summary>Whether nothing that was cached since the beginning can be gone.</summary>
    private bool IsUndisturbed(Dictionary<WorkerId, HeldSpace>? now) =>
        _isFresh && _before is { } before && now is not null && ReferenceEquals(_ring, cluster.Current.Ring)
        && before.Count == now.Count && before.All(w => now.TryGetValue(w.Key, out HeldSpace? space) && space.StartedAt == w.Value.StartedAt && space.Dropped == w.Value.Dropped)
        && !Mounts().Any(m => m.Rules.PageTtl > TimeSpan.Zero && m.Rules.PageTtl <= time.GetElapsedTime(_startedAt));

    private IEnumerable<Mount> Mounts()
    {
        MountTable table = cluster.Current.Mounts;
        DoraPath root = DoraPath.Parse(job.Path);
        IEnumerable<Mount> below = table.Mounts.Where(m => m.Path.IsAtOrUnder(root));
        return table.Resolve(root) is { } above ? below.Append(above.Mount).Distinct() : below;
    }

    /// <summary>The page capacities together, or less when the quotas of the path's mounts allow less.</summary>
    private long Capacity(IReadOnlyCollection<HeldSpace> spaces)
    {
        static long Sum(IEnumerable<long> parts) => (long)Math.Min(long.MaxValue, parts.Sum(static p => (decimal)p));
        long all = Sum(spaces.Select(static s => s.CapacityBytes));
        long quotas = Sum(Mounts().Select(m => m.Rules.QuotaBytes == 0 ? long.MaxValue : Sum(Enumerable.Repeat(m.Rules.QuotaBytes, spaces.Count))));
        return Math.Min(all, quotas);
    }

    /// <summary>The state of every worker's cache; <see langword="null"/> when one has not said.</summary>
    private async Task<Dictionary<WorkerId, HeldSpace>?> AskAllAsync(CancellationToken cancellationToken)
    {
        WorkerId[] workers = [.. cluster.Current.Workers.Select(static w => w.Id)];
        (HeldSpace? Space, bool IsEarlier)[] spaces = await Task.WhenAll(workers.Select(w => calls.SpaceAsync(w, cancellationToken)));
        foreach ((WorkerId worker, (HeldSpace? _, bool isEarlier)) in workers.Zip(spaces).Where(static p => p.Second.IsEarlier))
        {
            _earlier.Add(worker);
        }

        return Array.Exists(spaces, static s => s.Space is null) ? null : workers.Zip(spaces).ToDictionary(static p => p.First, static p => p.Second.Space!);
    }

    private async Task<HeldTotals> WalkAsync(CancellationToken cancellationToken)
    {
        var walk = JobWalk.Of(job with { Counters = default, Failures = [], Skipped = null, Pending = [new PendingListing(job.Path, null)] });
        List<Task<HeldTotals>> running = [];
        HeldTotals total = HeldTotals.None;
        while (true)
        {
            while (running.Count < MaxPages && walk.Begin(isQuiet: running.Count == 0) is { } unit)
            {
                running.Add(LookAsync(walk, unit, cancellationToken));
            }

            if (running.Count == 0)
            {
                return total;
            }

            Task<HeldTotals> done = await Task.WhenAny(running);
            running.Remove(done);
            total = total.Plus(await done);
        }
    }

    private async Task<HeldTotals> LookAsync(JobWalk walk, LoadUnit unit, CancellationToken cancellationToken)
    {
        (string path, string? continuation) = unit.Listing;
        ListReply page = await calls.ListAsync(path, continuation, LoadJobRun.PageEntries, cancellationToken);
        FileStat[] files = [.. walk.Take(unit, page)];
        walk.Ledger.Listed(unit);
        return page.Code switch
        {
            DoraErrorCode.None => await LookAsync(files, cancellationToken),
            DoraErrorCode.NotFound => HeldTotals.None, // gone since it was loaded
            _ => new HeldTotals(1, 0, 0, [$"{path}: {page.Message ?? page.Code.ToString()}"]),
        };
    }

    private async Task<HeldTotals> LookAsync(FileStat[] files, CancellationToken cancellationToken)
    {
        HeldTotals total = HeldTotals.None;
        foreach (IGrouping<WorkerId?, FileStat> owned in files.GroupBy(f => cluster.Current.OwnerOf(FileId.FromUfsPath(f.UfsPath))?.Id))
        {
            total = total.Plus(await LookAsync(owned.Key, [.. owned], cancellationToken));
        }

        return total;
    }

    private async Task<HeldTotals> LookAsync(WorkerId? owner, FileStat[] files, CancellationToken cancellationToken)
    {
        if (owner is null || _earlier.Contains(owner.Value))
        {
            // A worker of an earlier version cannot say: what its loads answered counts.
            return owner is null
                ? new HeldTotals(files.Length, 0, 0, ["there is no active worker"])
                : new HeldTotals(files.Length, files.Length, files.Sum(static f => f.Length), []);
        }

        HeldReply reply = await calls.HeldAsync(owner.Value, files, cancellationToken);
        if (reply.Code != DoraErrorCode.None)
        {
            return new HeldTotals(files.Length, 0, 0, [$"worker '{owner}' did not say what it holds: {reply.Message}"]);
        }

        IEnumerable<string> missing = files.Zip(reply.Missing).Where(static p => p.Second > 0).Select(static p => NotHeld(p.First, p.Second));
        return new HeldTotals(files.Length, reply.Missing.LongCount(static m => m <= 0), files.Zip(reply.Missing).Sum(static p => Math.Max(0, p.First.Length - p.Second)), [.. missing.Take(HeldTotals.MaxNamed)]);
    }

    private static string NotHeld(FileStat file, long missing) =>
        $"{file.Path}: {ByteSize.Format(Math.Max(0, file.Length - missing))} of {ByteSize.Format(file.Length)} are held";
}
