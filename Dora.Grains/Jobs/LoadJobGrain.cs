using Dora.Grains.ClusterStore;
using Dora.Interfaces;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Concurrency;

namespace Dora.Grains.Jobs;

/// <summary>
/// Drives one load job. A timer does the work in short runs of steps; the state goes to the cluster store every second; a reminder brings the grain back
/// within a minute of its worker's death (any call to it brings it back at once). Reentrant, so that status is answered while steps run.
/// </summary>
[Reentrant]
[GrainType("dora.load")]
internal sealed class LoadJobGrain(IJobStore store, FileLoader files, IHostApplicationLifetime host, TimeProvider time, ILogger<LoadJobGrain> log)
    : Grain, ILoadJobGrain, IRemindable, IDisposable
{
    private const string Watchdog = "watchdog";
    private const int DefaultParallelism = 16;
    private const int MaxParallelism = 256;

    private static readonly TimeSpan WatchdogPeriod = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan TickLength = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TickPause = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _quit = new();
    private readonly SemaphoreSlim _saving = new(1);
    private LoadJobRun? _run;
    private IGrainTimer? _timer;
    private string? _unreadable;
    private long _savedAt;

    private string JobId => this.GetPrimaryKeyString();

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (await store.ReadAsync(JobId, cancellationToken) is { } job)
            {
                Drive(job);
            }
        }
        catch (DoraException e)
        {
            _unreadable = e.Message;
        }
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken) => _quit.CancelAsync();

    public void Dispose()
    {
        _quit.Dispose();
        _saving.Dispose();
    }

    public async Task<LoadJobReply> StartAsync(LoadJobSpec spec)
    {
        if (Check(spec, out DoraPath path) is { } problem)
        {
            return new LoadJobReply(problem.Code, problem.Message, _run?.Status);
        }

        if (_run is null && await CreateAsync(spec, path) is { } failure)
        {
            return failure;
        }

        return _run!.Job.Path == path.Value
            ? Reply()
            : new LoadJobReply(DoraErrorCode.AlreadyExists, $"job '{JobId}' loads '{_run.Job.Path}' already: choose another job id", _run.Status);
    }

    public Task<LoadJobReply> GetStatusAsync() => Task.FromResult(Reply());

    public async Task<LoadJobReply> StopAsync()
    {
        if (_run is { HasEnded: false } run)
        {
            await _quit.CancelAsync();
            if (await SaveAsync(run, stop: true))
            {
                await EndAsync("stopped on request");
            }
        }

        return Reply();
    }

    public Task ReceiveReminder(string reminderName, TickStatus status)
    {
        // The activation that the tick made, or found, drives the job already. A job that is gone or has ended needs no watchdog.
        return _run is { HasEnded: false } ? Task.CompletedTask : ForgetWatchdogAsync();
    }

    private static (DoraErrorCode Code, string Message)? CheckParallelism(int parallelism) =>
        parallelism is < 0 or > MaxParallelism
            ? (DoraErrorCode.InvalidArgument, $"parallelism {parallelism} was asked for: ask for 1 to {MaxParallelism}, or 0 for {DefaultParallelism}")
            : null;

    private (DoraErrorCode Code, string Message)? Check(LoadJobSpec spec, out DoraPath path)
    {
        path = default;
        return _unreadable is not null ? (DoraErrorCode.Damaged, _unreadable)
            : !DoraPath.TryParse(spec.Path, out path, out string? error) ? (DoraErrorCode.InvalidPath, error)
            : CheckParallelism(spec.Parallelism);
    }

    private async Task<LoadJobReply?> CreateAsync(LoadJobSpec spec, DoraPath path)
    {
        FileReply found = await files.StatAsync(path.Value, _quit.Token);
        if (found.Code != DoraErrorCode.None)
        {
            return new LoadJobReply(found.Code, found.Message, null);
        }

        var job = new StoredJob
        {
            JobId = JobId,
            Revision = 1,
            Path = path.Value,
            Parallelism = spec.Parallelism == 0 ? DefaultParallelism : spec.Parallelism,
            State = LoadJobState.Running,
            StartedAt = time.GetUtcNow(),
            Pending = [new PendingListing(path.Value, null)],
        };

        // The watchdog first: one without a job removes itself, a job without one could be forgotten.
        await this.RegisterOrUpdateReminder(Watchdog, WatchdogPeriod, WatchdogPeriod);
        StoredJob stored = await store.TryWriteAsync(job, _quit.Token) ? job : (await store.ReadAsync(JobId, _quit.Token))!;

        // Starts interleave at every await above. Nothing may be awaited between this question and its answer: a job driven twice counts every file twice.
        if (_run is null)
        {
            Drive(stored);
            log.JobEvent(JobId, $"loads '{path}', {job.Parallelism} files at a time");
        }

        return null;
    }

    private LoadJobReply Reply() => this switch
    {
        { _unreadable: { } reason } => new LoadJobReply(DoraErrorCode.Damaged, reason, null),
        { _run: { } run } => new LoadJobReply(DoraErrorCode.None, null, run.Status),
        _ => new LoadJobReply(DoraErrorCode.NotFound, $"there is no job '{JobId}': start it, or check the id", null),
    };

    private void Drive(StoredJob job)
    {
        _run = new LoadJobRun(job, files, time);
        _savedAt = time.GetTimestamp();
        if (!_run.HasEnded)
        {
            _timer = this.RegisterGrainTimer(TickAsync, new GrainTimerCreationOptions { DueTime = TimeSpan.Zero, Period = TickPause, Interleave = true, KeepAlive = true });
        }
    }

    private async Task TickAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, host.ApplicationStopping, _quit.Token);
        long start = time.GetTimestamp();
        try
        {
            while (_run is { HasEnded: false } run && time.GetElapsedTime(start) < TickLength)
            {
                await run.StepAsync(stop.Token);
                if ((run.HasEnded || time.GetElapsedTime(_savedAt) >= SaveInterval) && await SaveAsync(run, stop: false) && run.HasEnded)
                {
                    await EndAsync($"{run.Job.State}, {run.Job.Counters.FilesDone} files, {run.Job.Counters.FilesFailed} failed");
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The worker stops; the job goes on from its last saved step where the grain comes back.
        }
        catch (Exception e)
        {
            log.JobStepFailed(JobId, e);
            await Task.Delay(TickLength, time, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    /// <summary>Writes the job, one write at a time. When another activation wrote meanwhile, this one is a leftover and ends itself.</summary>
    private async Task<bool> SaveAsync(LoadJobRun run, bool stop)
    {
        await _saving.WaitAsync();
        try
        {
            if (run.Job.State == LoadJobState.Stopped)
            {
                return false;
            }

            if (stop)
            {
                run.Stop();
            }

            StoredJob next = run.Job with { Revision = run.Job.Revision + 1 };
            if (await store.TryWriteAsync(next, CancellationToken.None))
            {
                run.Written(next);
                _savedAt = time.GetTimestamp();
                return true;
            }
        }
        finally
        {
            _saving.Release();
        }

        log.JobEvent(JobId, "is driven elsewhere, this activation ends");
        _timer?.Dispose();
        DeactivateOnIdle();
        return false;
    }

    private async Task EndAsync(string how)
    {
        log.JobEvent(JobId, how);
        _timer?.Dispose();
        await ForgetWatchdogAsync();
    }

    private async Task ForgetWatchdogAsync()
    {
        if (await this.GetReminder(Watchdog) is { } reminder)
        {
            await this.UnregisterReminder(reminder);
        }
    }
}
