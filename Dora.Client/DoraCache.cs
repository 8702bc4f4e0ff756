using System.Buffers;
using System.Collections.Immutable;
using Dora.Client.Cluster;
using Dora.Client.Routing;
using Dora.Interfaces;
using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;

namespace Dora.Client;

/// <summary>What the workers have cached, where, and in which version. Looking keeps nothing alive and asks no store. Safe for concurrent use; lives as long as its client.</summary>
public sealed class DoraCache
{
    private readonly ClusterViewFollower _view;
    private readonly PageChannelPool _pool;
    private readonly RequestRouter _router;
    private readonly GrainCalls _calls;

    internal DoraCache(ClusterViewFollower view, PageChannelPool pool, RequestRouter router, GrainCalls calls) => (_view, _pool, _router, _calls) = (view, pool, router, calls);

    /// <summary>What each worker has cached of a file.</summary>
    /// <param name="path">A Dora path; of a directory nothing is cached.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>Those that have something, the owner first.</returns>
    /// <exception cref="DoraException">InvalidPath, or Unavailable: a worker did not answer, or is too old to tell.</exception>
    public async Task<IReadOnlyList<CachedCopy>> FindAsync(string path, CancellationToken cancellationToken = default) =>
        (await FindAsync([path], cancellationToken).ConfigureAwait(false))[0];

    /// <summary>The same of many files, in few requests.</summary>
    /// <param name="paths">Dora paths.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>For each path, in their order, what <see cref="FindAsync(string, CancellationToken)"/> gives.</returns>
    /// <exception cref="DoraException">As <see cref="FindAsync(string, CancellationToken)"/>.</exception>
    public async Task<IReadOnlyList<IReadOnlyList<CachedCopy>>> FindAsync(IReadOnlyList<string> paths, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(paths);
        ClusterSnapshot cluster = _view.Current;
        FileId[] files = [.. paths.Select(p => cluster.Mounts.FileIdOf(DoraPath.Parse(p)))];
        HeldRecord[][] held = await Task.WhenAll(cluster.Workers.Select(w => AskAsync(w, files, cancellationToken))).ConfigureAwait(false);
        return [.. files.Select((file, i) => Copies(cluster, file, held, i))];
    }

    /// <summary>Adds up what each worker has cached at and below a path, of the files that it knows.</summary>
    /// <param name="path">A file or directory.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>One for each worker, in the order of their ids.</returns>
    /// <exception cref="DoraException">NotMounted, InvalidPath, or Unavailable: a worker did not answer.</exception>
    public async Task<IReadOnlyList<CachedSum>> SumAsync(string path, CancellationToken cancellationToken = default)
    {
        string parsed = DoraPath.Parse(path).Value;
        return await Task.WhenAll(_view.Current.Workers.Select(w => SumAsync(w.Id, parsed, cancellationToken))).ConfigureAwait(false);
    }

    private static ImmutableArray<CachedCopy> Copies(ClusterSnapshot cluster, FileId file, HeldRecord[][] held, int index)
    {
        int owner = cluster.Ring.IsEmpty ? -1 : cluster.Ring.OwnerIndex(file);
        return
        [
            .. Enumerable.Range(0, held.Length)
                .Where(worker => held[worker][index].Bytes > 0)
                .OrderByDescending(worker => worker == owner)
                .Select(worker => new CachedCopy(cluster.Workers[worker].Id, held[worker][index].Version, held[worker][index].Bytes, worker == owner)),
        ];
    }

    private async Task<CachedSum> SumAsync(WorkerId worker, string path, CancellationToken cancellationToken)
    {
        string what = $"cannot ask worker '{worker}' what it has cached of '{path}'";
        HeldSum sum = await _calls.OnceAsync(what, grains => grains.GetGrain<IWorkerBatchGrain>(worker.Value).HeldBelowAsync(path, cancellationToken), cancellationToken).ConfigureAwait(false);
        GrainCalls.Check(sum.Code, sum.Message, what);
        return new CachedSum(worker, sum.Files, sum.Bytes, sum.Copies, sum.CopyBytes);
    }

    private async Task<HeldRecord[]> AskAsync(WorkerInfo worker, FileId[] files, CancellationToken cancellationToken)
    {
        var held = new HeldRecord[files.Length];
        byte[] buffer = ArrayPool<byte>.Shared.Rent(PageChannelProtocol.MaxPathBytes + HeldRecord.ReplySize(HeldRecord.MaxFiles));
        try
        {
            for (int from = 0; from < files.Length; from += HeldRecord.MaxFiles)
            {
                int count = Math.Min(HeldRecord.MaxFiles, files.Length - from);
                int names = count * FileId.Size;
                for (int i = 0; i < count; i++)
                {
                    files[from + i].Write(buffer.AsSpan(i * FileId.Size));
                }

                var request = new ChannelRequest(
                    PageChannelOpcode.Known, buffer.AsMemory(0, names), (ushort)KnownFlags.Held, Destination: buffer.AsMemory(names, HeldRecord.ReplySize(count)));
                ChannelReply reply = await _router.AskAsync(_pool.For(worker), request, cancellationToken).ConfigureAwait(false);
                if (!reply.IsOk || reply.Bytes != request.Destination.Length)
                {
                    throw new DoraException(
                        DoraErrorCode.Unavailable, $"worker '{worker.Id}' does not tell what it has cached ({reply.Message ?? reply.Status.ToString()}): try again, or see 'dora workers'");
                }

                for (int i = 0; i < count; i++)
                {
                    held[from + i] = HeldRecord.Read(request.Destination.Span[HeldRecord.ReplySize(i)..]);
                }
            }

            return held;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
