using Dora.Interfaces;

namespace Dora.Grains.Jobs;

/// <summary>The outcome of loading one file.</summary>
/// <param name="Failure">One line, or <see langword="null"/>.</param>
/// <param name="Fetched">Bytes that were not cached before.</param>
internal readonly record struct FileLoadOutcome(string? Failure, long Fetched);

/// <summary>
/// The grain calls of a load job. Every failure is a value; what may pass by itself (a worker that died, a store that does not answer) is tried again after a pause that gives the cluster time to
/// agree on the death.
/// </summary>
internal sealed class JobCalls(IGrainFactory grains, TimeProvider time)
{
    /// <summary>How often anything is tried.</summary>
    public const int MaxTries = 3;

    private static readonly TimeSpan SpacePatience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3)];

    /// <summary>Whether a failure may pass by itself.</summary>
    public static bool MayPass(DoraErrorCode code) => code is DoraErrorCode.Unavailable or DoraErrorCode.Busy or DoraErrorCode.VersionChanged;

    /// <summary>Waits before the next try.</summary>
    public Task PauseAsync(int tries, CancellationToken cancellationToken) => Task.Delay(Pauses[Math.Min(tries, Pauses.Length) - 1], time, cancellationToken);

    /// <summary>Has a worker load a batch, once.</summary>
    public async Task<LoadBatchReply> LoadAsync(WorkerId owner, LoadBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            return await grains.GetGrain<IWorkerBatchGrain>(owner.Value).LoadAsync(batch, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return new LoadBatchReply(DoraErrorCode.Unavailable, Describe(e), 0, 0, 0, [], []);
        }
    }

    /// <summary>Has the file's grain load a whole file, a bounded range a call: for large files, and for a file whose worker answers no batches (an earlier version).</summary>
    /// <param name="file">The file.</param>
    /// <param name="loaded">Told how many more bytes are loaded.</param>
    /// <param name="cancellationToken">Cancels the load.</param>
    public async Task<FileLoadOutcome> LoadAsync(FileStat file, Action<long> loaded, CancellationToken cancellationToken)
    {
        IFileGrain grain = grains.GetGrain<IFileGrain>(file.Path);
        long offset = 0;
        long fetched = 0;
        do
        {
            long length = Math.Min(LoadLimits.MaxBytesPerCall, file.Length - offset);
            long start = offset;
            LoadReply reply = await TryAsync(
                () => grain.LoadAsync(start, length, file.LoadedAt, cancellationToken),
                static r => r.Code,
                static why => new LoadReply(DoraErrorCode.Unavailable, why, 0, 0),
                cancellationToken);
            if (reply.Code != DoraErrorCode.None)
            {
                return new FileLoadOutcome(reply.Message ?? reply.Code.ToString(), fetched);
            }

            loaded(length);
            fetched += reply.BytesLoaded;
            offset += length;
        }
        while (offset < file.Length);

        return new FileLoadOutcome(null, fetched);
    }

    /// <summary>One page of a directory; of a file the file itself.</summary>
    public async Task<ListReply> ListAsync(string path, string? continuation, int limit, CancellationToken cancellationToken)
    {
        IFileGrain grain = grains.GetGrain<IFileGrain>(path);
        ListReply reply = await TryAsync(
            () => grain.ListAsync(continuation, limit, cancellationToken),
            static r => r.Code,
            static why => new ListReply(DoraErrorCode.Unavailable, why, [], null, 0),
            cancellationToken);
        if (reply.Code != DoraErrorCode.NotDirectory)
        {
            return reply;
        }

        FileReply file = await StatAsync(path, cancellationToken);
        return new ListReply(file.Code, file.Message, file.Stat is { } stat ? [stat] : [], null, 0);
    }

    /// <summary>Asks a worker what it holds of files.</summary>
    public Task<HeldReply> HeldAsync(WorkerId owner, FileStat[] files, CancellationToken cancellationToken)
    {
        IWorkerBatchGrain grain = grains.GetGrain<IWorkerBatchGrain>(owner.Value);
        return TryAsync(
            () => grain.HeldAsync(files, cancellationToken),
            static r => r.Code,
            static why => new HeldReply(DoraErrorCode.Unavailable, why, [], null),
            cancellationToken);
    }

    /// <summary>Asks a worker for the state of its cache, once and not for long.</summary>
    /// <returns>The state, or <see langword="null"/>; and whether the worker has not understood, as one of an earlier version.</returns>
    public async Task<(HeldSpace? Space, bool IsEarlier)> SpaceAsync(WorkerId worker, CancellationToken cancellationToken)
    {
        try
        {
            HeldReply reply = await grains.GetGrain<IWorkerBatchGrain>(worker.Value).HeldAsync([], cancellationToken).WaitAsync(SpacePatience, time, cancellationToken);
            return (reply.Space, false);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, e is not (TimeoutException or SiloUnavailableException or OrleansMessageRejectionException or Orleans.Runtime.Messaging.ConnectionFailedException or OperationCanceledException));
        }
    }

    /// <summary>What is at a path.</summary>
    public Task<FileReply> StatAsync(string path, CancellationToken cancellationToken)
    {
        IFileGrain grain = grains.GetGrain<IFileGrain>(path);
        return TryAsync(
            () => grain.StatAsync(false, cancellationToken),
            static r => r.Code,
            static why => new FileReply(DoraErrorCode.Unavailable, why, null),
            cancellationToken);
    }

    private static string Describe(Exception e) => $"its worker failed: {e.Message}";

    private async Task<T> TryAsync<T>(Func<Task<T>> call, Func<T, DoraErrorCode> code, Func<string, T> unavailable, CancellationToken cancellationToken)
    {
        for (int tries = 1; ; tries++)
        {
            T reply;
            try
            {
                reply = await call();
                if (!MayPass(code(reply)))
                {
                    return reply;
                }
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // Whatever it was, the job goes on: the worker died, is too busy, or met a surprise with this one file.
                reply = unavailable(Describe(e));
            }

            if (tries == MaxTries)
            {
                return reply;
            }

            await PauseAsync(tries, cancellationToken);
        }
    }
}
