using System.Text;
using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;
using Dora.Storage.Files;

namespace Dora.Silo.Peers;

/// <summary>
/// Asks other workers for cached bytes before the under store is asked. A worker that does not own the file (a replica, a worker that stands in, one that
/// takes over) asks the owner. The owner asks, for some time after the ring changed, those who were owners before it: by the ring's failover order
/// these are the next owners, whoever joined. The questions are cached-only reads, which make nobody ask anybody else: no loop can form.
/// </summary>
internal sealed class PagePeers : IPagePeers, IAsyncDisposable
{
    private static readonly TimeSpan WatchPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(25);

    private readonly Lock _lock = new();
    private readonly WorkerId _self;
    private readonly IClusterState _cluster;
    private readonly PageChannelPool _pool;
    private readonly PeerOptions _options;
    private readonly TimeProvider _time;
    private readonly ITimer _watch;
    private WorkerRing? _ring;
    private volatile PeerYield _yield = new();
    private long _changedAt;
    private long _bytes;
    private long _hits;
    private long _misses;
    private long _failures;

    /// <summary>Creates it; the pool becomes its own.</summary>
    /// <param name="self">This worker.</param>
    /// <param name="cluster">The cluster as this worker sees it.</param>
    /// <param name="pool">The channels to the others.</param>
    /// <param name="options">The limits.</param>
    /// <param name="time">The clock.</param>
    public PagePeers(WorkerId self, IClusterState cluster, PageChannelPool pool, PeerOptions options, TimeProvider time)
    {
        (_self, _cluster, _pool, _options, _time) = (self, cluster, pool, options, time);
        _watch = time.CreateTimer(_ => Observe(), null, WatchPeriod, WatchPeriod);
    }

    /// <summary>Bytes that came from other workers.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Questions that gave bytes.</summary>
    public long Hits => Interlocked.Read(ref _hits);

    /// <summary>Questions whose answer was that nothing is cached.</summary>
    public long Misses => Interlocked.Read(ref _misses);

    /// <summary>Questions without an answer in time; those that were asked again are counted again.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <inheritdoc/>
    public ValueTask<int> ReadAsync(FileMetadata file, ByteRange range, Memory<byte> destination, CancellationToken cancellationToken)
    {
        ClusterSnapshot current = _cluster.Current;
        bool isSettled = IsSettled(current.Ring);
        if (range.IsEmpty || current.Workers.Length < 2)
        {
            return new(0);
        }

        bool isOwner = current.Ring.Owner(file.Id) == _self;
        return isOwner && (isSettled || !_yield.IsWorthAsking()) ? new(0) : AskAsync(current, isOwner, file, range, destination, cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _watch.DisposeAsync().ConfigureAwait(false);
        await _pool.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Looks whether the ring is another one than last time, so that the time since a change is known.</summary>
    private void Observe()
    {
        ClusterSnapshot current = _cluster.Current;
        IsSettled(current.Ring);
        _pool.Retain(current);
    }

    private bool IsSettled(WorkerRing ring)
    {
        lock (_lock)
        {
            if (!ReferenceEquals(ring, _ring))
            {
                (_ring, _changedAt, _yield) = (ring, _time.GetTimestamp(), new PeerYield());
            }

            return _time.GetElapsedTime(_changedAt) >= _options.AfterChange;
        }
    }

    private async ValueTask<int> AskAsync(
        ClusterSnapshot current, bool isOwner, FileMetadata file, ByteRange range, Memory<byte> destination, CancellationToken cancellationToken)
    {
        var question = new PeerQuestion(file, range, Path(current, file), current.MembershipVersion, _time.GetTimestamp(), isOwner);
        try
        {
            foreach (WorkerChannel peer in Candidates(current, file.Id))
            {
                int given = await AskAsync(peer, question, destination, cancellationToken).ConfigureAwait(false);
                if (given > 0)
                {
                    Interlocked.Add(ref _bytes, given);
                    return given;
                }
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or OperationCanceledException)
        {
            // The worker is stopping, or the wait was ended: the caller finds out by itself.
        }

        return 0;
    }

    /// <summary>Asks one worker for as much as it has without a gap, a granted read at a time. One that is busy, or was lost and lives, is asked again.</summary>
    private async ValueTask<int> AskAsync(WorkerChannel peer, PeerQuestion question, Memory<byte> destination, CancellationToken cancellationToken)
    {
        int done = 0;
        for (int tries = 1; done < question.Range.Length && await IsTrustedAsync(peer, question, cancellationToken).ConfigureAwait(false);)
        {
            int length = (int)Math.Min(question.Range.Length - done, _options.ReadBytes);
            ChannelRequest request = question.For(done, destination.Slice(done, length));
            request = request with { SilentAfter = question.IsMove ? peer.Latency.Timeout(request, _options.MinSilence, _options.MaxSilence) : _options.StandInSilence };
            ChannelReply reply = await peer.SendAsync(request, question.MembershipVersion, Left(question), cancellationToken).ConfigureAwait(false);
            Count(reply);
            done += reply.IsOk ? reply.Bytes : 0;
            if (reply.IsOk && reply.Bytes == length)
            {
                continue;
            }

            bool isBusy = reply is { Outcome: ChannelOutcome.Answered, Status: PageChannelStatus.Busy };
            if ((reply.Outcome == ChannelOutcome.Answered && !isBusy) || tries++ == PeerOptions.MaxTries)
            {
                break;
            }

            if (isBusy)
            {
                await Task.Delay(BusyPause, _time, cancellationToken).ConfigureAwait(false);
            }
        }

        // The rest is asked of the store on the grid of its extents.
        return done == question.Range.Length ? done : done / PageGeometry.ExtentGrid * PageGeometry.ExtentGrid;
    }

    private TimeSpan Left(in PeerQuestion question) =>
        (question.IsMove ? _options.Limit : _options.StandInLimit) - _time.GetElapsedTime(question.StartedAt);

    /// <summary>
    /// Whether there is time to ask a worker, and hope for an answer. While files change their owners, one that fell silent just now is given the time to
    /// answer a ping: what it has would otherwise be asked of the store.
    /// </summary>
    private async ValueTask<bool> IsTrustedAsync(WorkerChannel peer, PeerQuestion question, CancellationToken cancellationToken)
    {
        TimeSpan left = Left(question);
        TimeSpan grace = question.IsMove ? _options.Grace : TimeSpan.Zero;
        return left > TimeSpan.Zero
            && await peer.RecoversAsync(grace < left ? grace : left, cancellationToken).ConfigureAwait(false)
            && Left(question) > TimeSpan.Zero;
    }

    private static ReadOnlyMemory<byte> Path(ClusterSnapshot current, FileMetadata file) =>
        current.Mounts.ResolveUfs(file.UfsPath) is { Relative: { Length: > 0 } relative, Mount: { } mount }
            ? Encoding.UTF8.GetBytes(mount.Path.IsRoot ? "/" + relative : $"{mount.Path}/{relative}")
            : default;

    private void Count(in ChannelReply reply)
    {
        bool hadBytes = reply.IsOk && reply.Bytes > 0;
        if (hadBytes || reply is { Outcome: ChannelOutcome.Answered, Status: PageChannelStatus.NotCached })
        {
            _yield.Note(hadBytes);
        }

        ref long counter = ref hadBytes ? ref _hits : ref reply.Outcome == ChannelOutcome.Answered ? ref _misses : ref _failures;
        Interlocked.Increment(ref counter);
    }

    private List<WorkerChannel> Candidates(ClusterSnapshot current, FileId file)
    {
        Span<int> ranks = stackalloc int[1 + PeerOptions.MaxAsked];
        int count = current.Ring.Owners(file, ranks);
        List<WorkerChannel> peers = new(count);
        bool isOwner = current.Workers[ranks[0]].Id == _self;
        int trusted = 0;
        foreach (int rank in ranks[..count])
        {
            WorkerInfo worker = current.Workers[rank];
            if (worker.Id == _self)
            {
                if (!isOwner)
                {
                    // Those after this worker have what it has or less.
                    break;
                }

                continue;
            }

            WorkerChannel channel = _pool.For(worker);
            if (channel.IsSuspect || trusted++ < PeerOptions.MaxAsked)
            {
                peers.Add(channel);
            }
        }

        return peers;
    }
}
