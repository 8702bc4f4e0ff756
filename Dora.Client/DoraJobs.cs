using System.Globalization;
using System.Runtime.CompilerServices;
using Dora.Client.Cluster;
using Dora.Interfaces;

namespace Dora.Client;

/// <summary>The jobs of a cluster: work that the workers do and that outlives each of them, and whoever started it. Safe for concurrent use; lives as long as its client.</summary>
public sealed class DoraJobs
{
    private const int ListPage = 200;
    private const int MaxIdLength = 128;

    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    private readonly GrainCalls _calls;
    private readonly TimeProvider _time;

    internal DoraJobs(GrainCalls calls, TimeProvider time) => (_calls, _time) = (calls, time);

    /// <summary>Brings everything at and below a path into the cluster's caches, by a job that outlives workers, and waits for its end.</summary>
    /// <param name="path">A file or directory.</param>
    /// <param name="parallelism">Files loaded at the same time, 1 to 256; 0 lets the cluster choose.</param>
    /// <param name="progress">Told about five times a second how far the job is.</param>
    /// <param name="cancellationToken">Stops the job.</param>
    /// <returns>Where the job ended; look at its state and failures.</returns>
    /// <exception cref="DoraException">The job could not be started, or no worker told about it any more.</exception>
    public async Task<LoadJobStatus> LoadAsync(
        string path, int parallelism = 0, IProgress<LoadJobStatus>? progress = null, CancellationToken cancellationToken = default)
    {
        LoadJobStatus started = await StartLoadAsync(new LoadJobSpec(path, parallelism), cancellationToken).ConfigureAwait(false);
        try
        {
            return await WatchAsync(started, progress, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await _calls.TryOnceAsync(About(started.JobId), g => Job(g, started.JobId).StopAsync()).ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Starts a job that brings everything at and below a path into the cluster's caches. It goes on by itself, also when the client ends.</summary>
    /// <param name="spec">What to load.</param>
    /// <param name="cancellationToken">Cancels the call. The job may have been started then.</param>
    /// <returns>The job as it began; its id is for the other calls.</returns>
    /// <exception cref="DoraException">NotFound, NotMounted, InvalidPath, InvalidArgument, Denied, or Unavailable when no worker answered.</exception>
    public async Task<LoadJobStatus> StartLoadAsync(LoadJobSpec spec, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(spec);
        spec = spec with { Path = DoraPath.Parse(spec.Path).Value };
        string id = NewId();
        return await AskAsync($"cannot load '{spec.Path}'", g => Job(g, id).StartAsync(spec), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>How far a job is.</summary>
    /// <param name="jobId">Its id.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="DoraException">NotFound: there is no such job, or it was forgotten (the cluster keeps the last 1,000 that ended). Damaged, or Unavailable when no worker answered.</exception>
    public Task<LoadJobStatus> GetAsync(string jobId, CancellationToken cancellationToken = default) =>
        AskAsync(About(jobId), g => Job(g, jobId).GetStatusAsync(), cancellationToken);

    /// <summary>Waits for the end of a job.</summary>
    /// <param name="jobId">Its id.</param>
    /// <param name="progress">Told about five times a second how far the job is.</param>
    /// <param name="cancellationToken">Cancels the wait; the job goes on.</param>
    /// <returns>Where the job ended; look at its state and failures.</returns>
    /// <exception cref="DoraException">As <see cref="GetAsync"/>.</exception>
    public async Task<LoadJobStatus> WatchAsync(string jobId, IProgress<LoadJobStatus>? progress = null, CancellationToken cancellationToken = default) =>
        await WatchAsync(await GetAsync(jobId, cancellationToken).ConfigureAwait(false), progress, cancellationToken).ConfigureAwait(false);

    /// <summary>Stops a job; what it has loaded stays. A job that has ended stays as it is.</summary>
    /// <param name="jobId">Its id.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Where the job ended.</returns>
    /// <exception cref="DoraException">As <see cref="GetAsync"/>; Busy: it is being moved to another worker, try again.</exception>
    public Task<LoadJobStatus> CancelAsync(string jobId, CancellationToken cancellationToken = default) =>
        AskAsync(About(jobId), g => Job(g, jobId).StopAsync(), cancellationToken);

    /// <summary>The cluster's jobs as they were written last: those that run first, then those that ended, the last ended first. Fetched as they are enumerated.</summary>
    /// <param name="cancellationToken">Cancels the enumeration.</param>
    /// <exception cref="DoraException">Unavailable: no worker answered.</exception>
    public async IAsyncEnumerable<LoadJobStatus> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        const string what = "cannot list the jobs";
        string? continuation = null;
        do
        {
            string? from = continuation;
            JobListReply reply = await _calls.RepeatAsync(what, g => g.GetGrain<IJobsGrain>(0).ListAsync(from, ListPage, cancellationToken), cancellationToken).ConfigureAwait(false);
            GrainCalls.Check(reply.Code, reply.Message, what);
            foreach (LoadJobStatus job in reply.Jobs)
            {
                yield return job;
            }

            continuation = reply.Continuation;
        }
        while (continuation is not null);
    }

    private static string About(string jobId) => $"cannot ask about job '{jobId}'";

    private static ILoadJobGrain Job(IGrainFactory grains, string jobId) =>
        string.IsNullOrWhiteSpace(jobId) || jobId.Length > MaxIdLength
            ? throw new DoraException(DoraErrorCode.InvalidArgument, $"'{jobId}' is no job id: give one that 'dora job list' shows")
            : grains.GetGrain<ILoadJobGrain>(jobId);

    /// <summary>Ids sort by time and can be typed. Another client with the same one, in the same second, would be told that the job is there already.</summary>
    private string NewId() => string.Create(CultureInfo.InvariantCulture, $"load-{_time.GetUtcNow():yyyyMMdd-HHmmss}-{Guid.NewGuid().ToString("N")[..8]}");

    private async Task<LoadJobStatus> WatchAsync(LoadJobStatus job, IProgress<LoadJobStatus>? progress, CancellationToken cancellationToken)
    {
        while (true)
        {
            progress?.Report(job);
            if (job.State != LoadJobState.Running)
            {
                return job;
            }

            await Task.Delay(Poll, _time, cancellationToken).ConfigureAwait(false);
            job = await GetAsync(job.JobId, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<LoadJobStatus> AskAsync(string what, Func<IGrainFactory, Task<LoadJobReply>> call, CancellationToken cancellationToken)
    {
        LoadJobReply reply = await _calls.RepeatAsync(what, call, cancellationToken).ConfigureAwait(false);
        GrainCalls.Check(reply.Code, reply.Message, what);
        return reply.Status!;
    }
}
