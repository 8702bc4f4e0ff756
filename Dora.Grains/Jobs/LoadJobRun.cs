using System.Runtime.ExceptionServices;
using Dora.Grains.ClusterStore;
using Dora.Interfaces;

namespace Dora.Grains.Jobs;

/// <summary>
/// Drives a load job: a bounded number of listings ahead, files dealt to the workers that own them as batches, large files by their grains; whenever one of them ends the next begins, so nothing waits
/// for the slowest. Runs on one grain's scheduler, so without locks; what is under way goes on between its slices.
/// </summary>
internal sealed class LoadJobRun(StoredJob job, JobCalls calls, IClusterState cluster, TimeProvider time)
{
    /// <summary>A file of more bytes is loaded by its grain, in ranges.</summary>
    internal const long LargeFile = 8L * 1024 * 1024;

    /// <summary>Entries in a page of a listing.</summary>
    internal const int PageEntries = 512;

    private const int MaxPasses = 2;
    private const int MaxListings = 4;
    private const int MaxOpenFiles = 4096;

    private readonly OwnerQueues _small = new(cluster);
    private readonly Queue<LoadFile> _large = new();
    private JobWalk _walk = JobWalk.Of(job);
    private HeldCheck _check = new(job, calls, cluster, time);
    private Task? _begun;
    private HeldTotals? _held;
    private bool _isChecking;
    private int _listings;
    private int _open;
    private int _runningLarge;
    private long _underWay;
    private int _freeSlots = job.Parallelism;
    private bool _rootFailed;
    private ExceptionDispatchInfo? _fault;
    private TaskCompletionSource _pulse = new();

    /// <summary>The job as it was written last, or as it ended.</summary>
    public StoredJob Job { get; private set; } = job;

    /// <summary>Whether there is nothing left to do.</summary>
    public bool HasEnded => Job.State != LoadJobState.Running;

    /// <summary>Whether it met what it cannot count: what was written last is to be gone on from.</summary>
    public bool IsFaulted => _fault is not null;

    /// <summary>How far the job is, what is under way included.</summary>
    public LoadJobStatus Status => HasEnded
        ? Job.ToStatus()
        : (Job with { Counters = Ledger.Live, Failures = [.. Ledger.Failures] }).ToStatus() with
        {
            ListingComplete = _listings == 0 && !Ledger.HasWaiting,
            IsChecking = _isChecking,
            BytesUnderWay = _underWay,
            Note = Notes.Meanwhile(Job, Ledger.Live),
            Skipped = Ledger.Skipped,
        };

    private LoadLedger Ledger => _walk.Ledger;

    /// <summary>The job to be written next: where it can be gone on from.</summary>
    public StoredJob Next() => (HasEnded ? Job : Ledger.Write(Job)) with { Revision = Job.Revision + 1 };

    /// <summary>Takes the job as it was written.</summary>
    public void Written(StoredJob written) => Job = written.State == Job.State ? written : Job with { Revision = written.Revision };

    /// <summary>Ends the job early; what is still under way changes nothing any more.</summary>
    public void Stop() => End(LoadJobState.Stopped);

    /// <summary>Works until the time is over or the job has ended.</summary>
    public async Task RunAsync(TimeSpan slice, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task end = Task.Delay(slice, time, over.Token);
        while (!HasEnded && !end.IsCompleted)
        {
            await (_begun ??= BeginCheckAsync(cancellationToken));
            Task pulse = (_pulse = new TaskCompletionSource()).Task;
            Begin(cancellationToken);
            _fault?.Throw();
            if (!TryEnd(cancellationToken))
            {
                await Task.WhenAny(pulse, end);
            }
        }

        await over.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }

    private async Task BeginCheckAsync(CancellationToken cancellationToken)
    {
        await _check.BeginAsync(cancellationToken);
        Job = Job with { CapacityBytes = _check.CapacityBytes };
    }

    /// <summary>Ends the job, when there is nothing left to do: first it is looked whether what was loaded is held.</summary>
    /// <returns>Whether it ended or began again; else there is something to wait for.</returns>
    private bool TryEnd(CancellationToken cancellationToken)
    {
        if (_rootFailed)
        {
            End(LoadJobState.Failed);
            return true;
        }

        if (!Ledger.IsEmpty || _isChecking)
        {
            return false;
        }

        if (_held is not { } held)
        {
            _isChecking = true;
            _ = BesideAsync(async () => _held = await _check.RunAsync(Ledger.Live, cancellationToken), () => _isChecking = false);
            return false;
        }

        long failed = Ledger.Live.FilesFailed;
        bool fits = _check.CapacityBytes is not { } capacity || Ledger.Live.BytesFound <= capacity;
        if (held.FilesMissing > failed && fits && Job.Pass < MaxPasses - 1)
        {
            BeginAgain(held);
            return true;
        }

        Job = Job with { CapacityBytes = _check.CapacityBytes, FilesHeld = held.FilesHeld, BytesHeld = held.BytesHeld, Note = Notes.AtEnd(_check.CapacityBytes, Ledger.Live, held) };
        End(failed > 0 ? LoadJobState.CompletedWithFailures : held.FilesMissing > 0 ? LoadJobState.Incomplete : LoadJobState.Succeeded);
        Job = Job with { Failures = [.. Job.Failures, .. held.FirstMissing.Where(_ => failed == 0)] };
        return true;
    }

    /// <summary>Something that was loaded is lost, and there is room for it: a worker died, or it was freed. What is cached costs little the second time.</summary>
    private void BeginAgain(HeldTotals held)
    {
        Job = Job with
        {
            Pass = Job.Pass + 1,
            Counters = default,
            Failures = [],
            Skipped = null,
            Pending = [new PendingListing(Job.Path, null)],
            Note = $"{held.FilesMissing} files that were loaded were lost meanwhile: they are loaded again",
        };
        _walk = JobWalk.Of(Job);
        _check = new HeldCheck(Job, calls, cluster, time);
        (_begun, _held) = (null, null);
    }

    private void End(LoadJobState state) => Job = Ledger.Write(Job) with { State = state, EndedAt = time.GetUtcNow(), Pending = [] };

    /// <summary>Begins what there is room for.</summary>
    private void Begin(CancellationToken cancellationToken)
    {
        foreach (LoadFile homeless in _small.FollowRing())
        {
            Settle(homeless, DoraErrorCode.Unavailable, "there is no active worker", wasCallLost: true, cancellationToken);
        }

        while (_listings < MaxListings && _open < MaxOpenFiles && _walk.Begin(isQuiet: _listings == 0) is { } unit)
        {
            _listings++;
            _ = BesideAsync(() => ListAsync(unit, cancellationToken), () => _listings--);
        }

        while (_freeSlots > 0 && TryBeginLarge(cancellationToken))
        {
        }

        while (_freeSlots > 0 && _small.Next() is { } queue)
        {
            // Two batches for each owner, so that one begins while the last files of the other end.
            int share = Math.Clamp(Job.Parallelism / (2 * _small.Owners), 1, _freeSlots);
            LoadFile[] files = queue.Take();
            int slots = Math.Min(share, files.Length);
            _freeSlots -= slots;
            queue.Running++;
            _ = BesideAsync(() => LoadBatchAsync(queue, files, slots, cancellationToken), () => (_freeSlots, queue.Running) = (_freeSlots + slots, queue.Running - 1));
        }
    }

    /// <summary>Large files leave half of the slots to small ones.</summary>
    private bool TryBeginLarge(CancellationToken cancellationToken)
    {
        if (_large.Count == 0 || (_runningLarge >= Math.Max(1, Job.Parallelism / 2) && _small.Count > 0))
        {
            return false;
        }

        LoadFile file = _large.Dequeue();
        _freeSlots--;
        _runningLarge++;
        _ = BesideAsync(() => LoadLargeAsync(file, cancellationToken), () => (_freeSlots, _runningLarge) = (_freeSlots + 1, _runningLarge - 1));
        return true;
    }

    /// <summary>Runs something beside the rest, and begins the next when it has ended. Cancelled: the job goes on elsewhere, or has ended.</summary>
    private async Task BesideAsync(Func<Task> work, Action ended)
    {
        try
        {
            await work();
        }
        catch (OperationCanceledException)
        {
            return;
        }
        catch (Exception e)
        {
            _fault = ExceptionDispatchInfo.Capture(e);
        }

        ended();
        _pulse.TrySetResult();
    }

    private async Task ListAsync(LoadUnit unit, CancellationToken cancellationToken)
    {
        (string path, string? continuation) = unit.Listing;
        ListReply reply = await calls.ListAsync(path, continuation, PageEntries, cancellationToken);
        if (reply.Code != DoraErrorCode.None)
        {
            _rootFailed |= path == Job.Path && continuation is null;
            Ledger.NotListed(unit, $"{path}: {reply.Message ?? reply.Code.ToString()}");
            return;
        }

        foreach (FileStat file in _walk.Take(unit, reply))
        {
            Take(unit, file, cancellationToken);
        }

        Ledger.Listed(unit);
    }

    private void Take(LoadUnit unit, FileStat entry, CancellationToken cancellationToken)
    {
        _open++;
        if (entry.Length > LargeFile)
        {
            _large.Enqueue(new LoadFile(entry, Ledger.Split(unit, entry.Path, entry.Length, wasFound: false)));
            return;
        }

        Ledger.Found(unit, entry.Length);
        Queue(new LoadFile(entry, unit), cancellationToken);
    }

    private void Queue(in LoadFile file, CancellationToken cancellationToken)
    {
        if (!_small.TryAdd(file))
        {
            Settle(file, DoraErrorCode.Unavailable, "there is no active worker", wasCallLost: true, cancellationToken);
        }
    }

    private async Task LoadBatchAsync(OwnerQueue queue, LoadFile[] files, int slots, CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        LoadBatchReply reply = await calls.LoadAsync(queue.Owner, new LoadBatch([.. files.Select(static f => f.Stat)], slots), cancellationToken);
        if (reply.Code != DoraErrorCode.None)
        {
            foreach (LoadFile file in files)
            {
                Settle(file, reply.Code, reply.Message ?? reply.Code.ToString(), wasCallLost: true, cancellationToken);
            }

            return;
        }

        LoadFailure?[] failures = new LoadFailure?[reply.Begun];
        Array.ForEach(reply.Failures, f => failures[f.Index] = f);
        HashSet<int> slow = [.. reply.Slow];
        for (int i = 0; i < reply.Begun; i++)
        {
            if (failures[i] is { } failure)
            {
                Settle(files[i], failure.Code, failure.Message, wasCallLost: false, cancellationToken);
            }
            else if (slow.Contains(i))
            {
                _large.Enqueue(Apart(files[i]) with { WasSlow = true }); // its grain waits longer for it
            }
            else
            {
                Loaded(files[i], reply.Fetched?[i] ?? 0);
            }
        }

        queue.Return(files.AsSpan(reply.Begun..));
        queue.Took(reply.Begun, time.GetElapsedTime(start));
    }

    private async Task LoadLargeAsync(LoadFile file, CancellationToken cancellationToken)
    {
        long underWay = 0;
        FileLoadOutcome outcome = await calls.LoadAsync(file.Stat, more => (underWay, _underWay) = (underWay + more, _underWay + more), cancellationToken);
        _underWay -= underWay;
        if (outcome.Failure is null)
        {
            Loaded(file, file.WasSlow ? file.Stat.Length : outcome.Fetched);
        }
        else
        {
            Fail(file, outcome.Failure);
        }
    }

    private void Loaded(in LoadFile file, long fetched)
    {
        _open--;
        Ledger.Loaded(file.Unit, file.Stat.Length, fetched);
    }

    private void Fail(in LoadFile file, string message)
    {
        _open--;
        Ledger.Failed(file.Unit, $"{file.Stat.Path}: {message}");
    }

    /// <summary>A file was not loaded: what may pass by itself is tried again later, apart from the rest of its page.</summary>
    private void Settle(in LoadFile file, DoraErrorCode code, string message, bool wasCallLost, CancellationToken cancellationToken)
    {
        if (!JobCalls.MayPass(code) || file.Tries + 1 >= JobCalls.MaxTries)
        {
            Fail(file, message);
            return;
        }

        LoadFile again = Apart(file) with { Tries = file.Tries + 1, WasCallLost = wasCallLost };
        _ = BesideAsync(() => TryAgainAsync(again, cancellationToken), static () => { });
    }

    /// <summary>The file as a unit of its own, so that the rest of its page counts without it.</summary>
    private LoadFile Apart(in LoadFile file) => file.Unit.Listing.Path == file.Stat.Path
        ? file
        : file with { Unit = Ledger.Split(file.Unit, file.Stat.Path, file.Stat.Length, wasFound: true) };

    private async Task TryAgainAsync(LoadFile file, CancellationToken cancellationToken)
    {
        await calls.PauseAsync(file.Tries, cancellationToken);
        if (file.Tries + 1 == JobCalls.MaxTries && file.WasCallLost)
        {
            // Perhaps a worker of an earlier version, which knows no batches: the file's grain is asked.
            _large.Enqueue(file);
        }
        else
        {
            Queue(file, cancellationToken);
        }
    }
}
