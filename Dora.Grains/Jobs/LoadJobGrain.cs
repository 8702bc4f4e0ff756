using System.Diagnostics;
using Dora.Diagnostics;
using Dora.Grains.ClusterStore;
using Dora.Interfaces;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dora.Grains.Jobs;

/// <summary>
/// Drives one load job. A timer gives it slices of a second, beside which status and stop are answered; after each the state goes to the cluster store; a reminder brings the grain back
/// within a minute of its worker's death (any call to it brings it back at once).
/// </summary>
[GrainType("dora.load")]
internal sealed class LoadJobGrain(IJobStore store, JobCalls calls, IClusterState cluster, IHostApplicationLifetime host, TimeProvider time, ILogger<LoadJobGrain> log)
    : Grain, ILoadJobGrain, IRemindable, IDisposable
{
    private const string Watchdog = "watchdog";
    private const int DefaultParallelism = 16;
    private const int MaxParallelism = 256;

    private static readonly TimeSpan WatchdogPeriod = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan Slice = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SlicePause = TimeSpan.FromMilliseconds(10);

    private readonly CancellationTokenSource _quit = CancellationTokenSource.CreateLinkedTokenSource(host.ApplicationStopping);
    private LoadJobRun? _run;
    private IGrainTimer? _timer;
    private Task _ticking = Task.CompletedTask;
    private string? _unreadable;
    private JobCounters _counted;

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

    public void Dispose() => _quit.Dispose();

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
            // Nothing else writes the job from here on.
            _timer?.Dispose();
            await _quit.CancelAsync();
            await _ticking;
            run.Stop();
            if (!await SaveAsync(run))
            {
                return new LoadJobReply(DoraErrorCode.Busy, $"job '{JobId}' is being moved to another worker: stop it again", null);
            }

            await EndAsync("stopped on request");
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
        FileReply found = await calls.StatAsync(path.Value, _quit.Token);
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
            NoFollow = spec.NoFollow,
            StartedAt = time.GetUtcNow(),
            Pending = [new PendingListing(path.Value, null)],
        };

        // The watchdog first: one without a job removes itself, a job without one could be forgotten.
        await this.RegisterOrUpdateReminder(Watchdog, WatchdogPeriod, WatchdogPeriod);

        // Another activation, for a moment, may have been faster.
        Drive(await store.TryWriteAsync(job, _quit.Token) ? job : (await store.ReadAsync(JobId, _quit.Token))!);
        log.JobEvent(JobId, $"loads '{path}', {job.Parallelism} files at a time");
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
        _counted = job.Counters;
        _run = new LoadJobRun(job, calls, cluster, time);
        if (!_run.HasEnded)
        {
            // Interleaving, or nothing else could be answered during a slice.
            _timer = this.RegisterGrainTimer(
                _ => _ticking = TickAsync(_run!), new GrainTimerCreationOptions { DueTime = TimeSpan.Zero, Period = SlicePause, Interleave = true, KeepAlive = true });
        }
    }

    private async Task TickAsync(LoadJobRun run)
    {
        using Activity? span = DoraDiagnostics.Start("dora.job.step");
        try
        {
            await run.RunAsync(Slice, _quit.Token);
            if (await SaveAsync(run) && run.HasEnded)
            {
                await EndAsync($"{run.Job.State}, {run.Job.Counters.FilesDone} files, {run.Job.Counters.FilesFailed} failed");
            }
        }
        catch (OperationCanceledException) when (_quit.IsCancellationRequested)
        {
            // Stopped, or the worker stops: then the job goes on from what was written last where the grain comes back.
        }
        catch (Exception e)
        {
            span.Fail(DoraErrorCode.Internal);
            log.JobStepFailed(JobId, e);
            _run = run.IsFaulted ? new LoadJobRun(run.Job, calls, cluster, time) : run;
            await Task.Delay(Slice, time, _quit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
        }
    }

    /// <summary>Writes the job. When another activation wrote meanwhile, this one is a leftover and ends itself.</summary>
    private async Task<bool> SaveAsync(LoadJobRun run)
    {
        StoredJob next = run.Next();
        if (await store.TryWriteAsync(next, CancellationToken.None))
        {
            Count(next.Counters);
            run.Written(next);
            return true;
        }

        log.JobEvent(JobId, "is driven elsewhere, this activation ends");
        _timer?.Dispose();
        await _quit.CancelAsync();
        DeactivateOnIdle();
        return false;
    }

    /// <summary>A pass that begins anew counts from 0 again; what it repeats is told again.</summary>
    private void Count(JobCounters now)
    {
        long done = now.FilesDone - _counted.FilesDone, failed = now.FilesFailed - _counted.FilesFailed;
        DoraInstruments.JobItems.Add(done < 0 ? now.FilesDone : done, DoraInstruments.Label(DoraLabels.Outcome, DoraLabels.Done));
        DoraInstruments.JobItems.Add(failed < 0 ? now.FilesFailed : failed, DoraInstruments.Label(DoraLabels.Outcome, DoraLabels.Failed));
        _counted = now;
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
