using System.Collections.Immutable;
using Dora.Grains.ClusterStore;
using Dora.Interfaces;

namespace Dora.Grains.Jobs;

/// <summary>
/// Walks a load job step by step. A step lists a few directory pages, loads the files on them, and then moves the job to the state after it; a step that
/// does not end leaves the job before it, and is done again, which costs little because cached files are present already. Runs on one grain's
/// scheduler, so its counters need no lock.
/// </summary>
internal sealed class LoadJobRun(StoredJob job, FileLoader files, TimeProvider time)
{
    /// <summary>Failures that are kept as text; the rest is counted.</summary>
    public const int MaxFailures = 20;

    private const int PageEntries = 256;
    private const int PagesAStep = 8;

    // Breadth first while the list of directories is short; depth first when it grows, which bounds it by depth instead of width.
    private const int WidestFrontier = 10_000;

    private JobCounters _live = job.Counters;
    private bool _listedAll = job.Pending.IsEmpty;

    /// <summary>The job after its last whole step.</summary>
    public StoredJob Job { get; private set; } = job;

    /// <summary>Whether there is nothing left to do.</summary>
    public bool HasEnded => Job.State != LoadJobState.Running;

    /// <summary>How far the job is, the running step included.</summary>
    public LoadJobStatus Status => new()
    {
        JobId = Job.JobId,
        Path = Job.Path,
        State = Job.State,
        ListingComplete = _listedAll,
        FilesFound = _live.FilesFound,
        BytesFound = _live.BytesFound,
        FilesDone = _live.FilesDone,
        BytesDone = _live.BytesDone,
        FilesFailed = _live.FilesFailed,
        Failures = [.. Job.Failures],
        StartedAt = Job.StartedAt,
        EndedAt = Job.EndedAt,
    };

    /// <summary>Takes the job as it was written.</summary>
    public void Written(StoredJob written) => Job = written;

    /// <summary>Ends the job early; a step that still runs changes nothing any more.</summary>
    public void Stop() => Job = Job with { State = LoadJobState.Stopped, EndedAt = time.GetUtcNow(), Pending = [] };

    /// <summary>Does one step; nothing when the job has ended.</summary>
    public async Task StepAsync(CancellationToken cancellationToken)
    {
        if (HasEnded)
        {
            return;
        }

        _live = Job.Counters;
        try
        {
            (ImmutableArray<PendingListing> taken, ImmutableArray<PendingListing> left) = Take(Job.Pending);
            var step = new Step(Job.Failures);
            await Task.WhenAll(taken.Select(p => ListAsync(p, step, cancellationToken)));
            ImmutableArray<PendingListing> pending = left.AddRange(step.Pending);
            _listedAll = pending.IsEmpty;
            _live = _live with { FilesFound = _live.FilesFound + step.Files.Count, BytesFound = _live.BytesFound + step.Files.Sum(static f => f.Length) };
            await files.TellOwnersAsync(step.Files, cancellationToken);
            await Task.WhenAll(Enumerable.Range(0, Job.Parallelism).Select(_ => LoadAsync(step, cancellationToken)));
            cancellationToken.ThrowIfCancellationRequested();
            if (!HasEnded)
            {
                Job = After(step, pending);
            }
        }
        finally
        {
            _live = Job.Counters;
        }
    }

    private static (ImmutableArray<PendingListing> Taken, ImmutableArray<PendingListing> Left) Take(ImmutableArray<PendingListing> pending)
    {
        int count = Math.Min(PagesAStep, pending.Length);
        return pending.Length > WidestFrontier
            ? (pending[^count..], pending[..^count])
            : (pending[..count], pending[count..]);
    }

    private StoredJob After(Step step, ImmutableArray<PendingListing> pending)
    {
        bool ended = pending.IsEmpty || step.RootFailed;
        LoadJobState end = step.RootFailed ? LoadJobState.Failed : _live.FilesFailed > 0 ? LoadJobState.CompletedWithFailures : LoadJobState.Succeeded;
        return Job with
        {
            Counters = _live,
            Failures = [.. step.Failures],
            Pending = ended ? [] : pending,
            State = ended ? end : LoadJobState.Running,
            EndedAt = ended ? time.GetUtcNow() : null,
        };
    }

    private async Task ListAsync(PendingListing page, Step step, CancellationToken cancellationToken)
    {
        ListReply reply = await files.ListAsync(page.Path, page.Continuation, PageEntries, cancellationToken);
        if (reply.Code == DoraErrorCode.NotDirectory)
        {
            await TakeFileAsync(page.Path, step, cancellationToken);
            return;
        }

        if (reply.Code != DoraErrorCode.None)
        {
            step.RootFailed |= page.Path == Job.Path && page.Continuation is null;
            Fail(step, $"{page.Path}: {reply.Message ?? reply.Code.ToString()}");
            return;
        }

        foreach (FileStat entry in reply.Entries)
        {
            if (entry.Kind == FileKind.Directory)
            {
                step.Pending.Add(new PendingListing(entry.Path, null));
            }
            else
            {
                step.Files.Enqueue(entry);
            }
        }

        if (reply.Continuation is not null)
        {
            step.Pending.Add(new PendingListing(page.Path, reply.Continuation));
        }
    }

    private async Task TakeFileAsync(string path, Step step, CancellationToken cancellationToken)
    {
        FileReply reply = await files.StatAsync(path, cancellationToken);
        if (reply.Stat is { } stat)
        {
            step.Files.Enqueue(stat);
        }
        else
        {
            step.RootFailed |= path == Job.Path;
            Fail(step, $"{path}: {reply.Message ?? reply.Code.ToString()}");
        }
    }

    private async Task LoadAsync(Step step, CancellationToken cancellationToken)
    {
        while (step.Files.TryDequeue(out FileStat? file))
        {
            FileLoadOutcome outcome = await files.LoadAsync(file, cancellationToken);
            if (outcome.Failure is not null)
            {
                Fail(step, outcome.Failure);
            }
            else
            {
                _live = _live with { FilesDone = _live.FilesDone + 1, BytesDone = _live.BytesDone + outcome.Bytes };
            }
        }
    }

    private void Fail(Step step, string failure)
    {
        _live = _live with { FilesFailed = _live.FilesFailed + 1 };
        if (step.Failures.Count < MaxFailures)
        {
            step.Failures.Add(failure);
        }
    }

    /// <summary>What a step has found so far.</summary>
    private sealed class Step(IEnumerable<string> failures)
    {
        public Queue<FileStat> Files { get; } = new();

        public List<PendingListing> Pending { get; } = [];

        public List<string> Failures { get; } = [.. failures];

        public bool RootFailed { get; set; }
    }
}
