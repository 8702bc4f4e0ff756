using Dora.Interfaces;

namespace Dora.Grains.Jobs;

/// <summary>The outcome of loading one file.</summary>
/// <param name="Bytes">Bytes now cached.</param>
/// <param name="Failure">A line with the path and the reason, or <see langword="null"/>.</param>
internal readonly record struct FileLoadOutcome(long Bytes, string? Failure);

/// <summary>
/// Talks to file grains for a job. What may pass by itself (a worker that died, a store that does not answer) is tried again after a pause
/// that gives the cluster time to agree on the death; everything else fails at once.
/// </summary>
internal sealed class FileLoader(IGrainFactory grains, IClusterState cluster, TimeProvider time)
{
    private const int FilesToldAtOnce = 256;

    private static readonly TimeSpan[] Pauses = [TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(3)];

    /// <summary>
    /// Gives listed files to the workers that own them, many a call, so that they neither ask the store about each nor write each by itself. The worker that listed them knows them already.
    /// A failure does no harm: what a worker was not told it finds out when it loads the file.
    /// </summary>
    public Task TellOwnersAsync(IEnumerable<FileStat> listed, CancellationToken cancellationToken)
    {
        ClusterSnapshot now = cluster.Current;
        return Task.WhenAll(listed
            .Select(f => (File: f, Owner: now.OwnerOf(FileId.FromUfsPath(f.UfsPath))))
            .Where(f => f.Owner is not null && f.Owner != ListerOf(now, f.File))
            .GroupBy(static f => f.Owner!.Id, static f => f.File)
            .Select(owned => TellAsync(owned.Key, owned, cancellationToken)));
    }

    /// <summary>Makes a whole file cached on its owner, a bounded range a call.</summary>
    public async Task<FileLoadOutcome> LoadAsync(FileStat file, CancellationToken cancellationToken)
    {
        IFileGrain grain = grains.GetGrain<IFileGrain>(file.Path);
        long offset = 0;
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
                return new FileLoadOutcome(offset, $"{file.Path}: {reply.Message ?? reply.Code.ToString()}");
            }

            offset += length;
        }
        while (offset < file.Length);

        return new FileLoadOutcome(offset, null);
    }

    /// <summary>One page of a directory.</summary>
    public Task<ListReply> ListAsync(string path, string? continuation, int limit, CancellationToken cancellationToken)
    {
        IFileGrain grain = grains.GetGrain<IFileGrain>(path);
        return TryAsync(
            () => grain.ListAsync(continuation, limit, cancellationToken),
            static r => r.Code,
            static why => new ListReply(DoraErrorCode.Unavailable, why, [], null, 0),
            cancellationToken);
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

    /// <summary>Listings are made by the owner of the directory.</summary>
    private static WorkerInfo? ListerOf(ClusterSnapshot now, FileStat file) =>
        now.OwnerOf(FileId.FromUfsPath(file.UfsPath[..Math.Max(1, file.UfsPath.LastIndexOf('/'))]));

    private async Task TellAsync(WorkerId owner, IEnumerable<FileStat> files, CancellationToken cancellationToken)
    {
        IWorkerGrain worker = grains.GetGrain<IWorkerGrain>(owner.Value);
        foreach (FileStat[] some in files.Chunk(FilesToldAtOnce))
        {
            try
            {
                await worker.RememberAsync(some, cancellationToken);
            }
            catch (Exception) when (!cancellationToken.IsCancellationRequested)
            {
                return; // it died or is busy: its files are asked for one by one
            }
        }
    }

    private async Task<T> TryAsync<T>(Func<Task<T>> call, Func<T, DoraErrorCode> code, Func<string, T> unavailable, CancellationToken cancellationToken)
    {
        for (int attempt = 0; ; attempt++)
        {
            T reply;
            try
            {
                reply = await call();
                if (code(reply) is not (DoraErrorCode.Unavailable or DoraErrorCode.Busy or DoraErrorCode.VersionChanged))
                {
                    return reply;
                }
            }
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                // Whatever it was, the job goes on: the worker died, is too busy, or met a surprise with this one file.
                reply = unavailable($"its worker failed: {e.Message}");
            }

            if (attempt == Pauses.Length)
            {
                return reply;
            }

            await Task.Delay(Pauses[attempt], time, cancellationToken);
        }
    }
}
