using System.Runtime.CompilerServices;
using Dora.Client.Cluster;
using Dora.PageChannel.SameHost;
using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;

namespace Dora.Client.Routing;

/// <summary>
/// Sends each request to the worker that owns it, and when that one does not answer to the others, until one does or the operation's time is over.
/// It does not wait for membership to declare a death: its own timeouts decide.
/// </summary>
/// <param name="view">The cluster.</param>
/// <param name="pool">The channels.</param>
/// <param name="options">The timeouts.</param>
internal sealed class RequestRouter(ClusterViewFollower view, PageChannelPool pool, DoraClientOptions options)
{
    private const int MaxReroutes = 5;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(1);

    // A worker that lives may look through millions of names for its first page; asked of the next one it would be done twice.
    private static readonly TimeSpan ListTime = TimeSpan.FromMinutes(2);

    private readonly TimeProvider _time = options.TimeProvider;
    private readonly TimeSpan _maxTimeout = options.Timeouts.Request < options.Timeouts.Operation ? options.Timeouts.Request : options.Timeouts.Operation;
    private readonly HotFiles _hot = new(options.HotFiles.ReadsPerSecond, options.TimeProvider);
    private readonly HedgeBudget _budget = new(options.Hedging.Share);
    private HedgeLauncher? _launcher;
    private uint _turn;

    /// <summary>Second requests so far.</summary>
    public long Hedges => _budget.Spent;

    /// <summary>Second requests that answered first.</summary>
    public long HedgesWon => _launcher?.Won ?? 0;

    private HedgeLauncher Launcher => _launcher ??= new HedgeLauncher(view, pool, _budget, options);

    /// <summary>The owner when it runs in this process, else <see langword="null"/>.</summary>
    public ILocalWorker? Local(RouteTarget target)
    {
        ClusterSnapshot cluster = view.Current;
        return options.Channel.LocalWorkers is not null && !cluster.Ring.IsEmpty && !pool.IsClosed ? target.OwnerIn(cluster, pool).Local : null;
    }

    /// <summary>The open segments of the owner when it runs on this host and gives them away, else <see langword="null"/>.</summary>
    public SameHostSession? SameHost(RouteTarget target)
    {
        ClusterSnapshot cluster = view.Current;
        return options.Channel.UseSameHost && !cluster.Ring.IsEmpty && !pool.IsClosed ? target.OwnerIn(cluster, pool).SameHost?.Session : null;
    }

    /// <summary>Asks one worker, and nobody else. The outcome is a value; only the caller's own cancellation throws.</summary>
    public ValueTask<ChannelReply> AskAsync(WorkerChannel worker, in ChannelRequest request, CancellationToken cancellationToken)
    {
        if (worker.IsSuspect)
        {
            return default;
        }

        TimeSpan silent = worker.Latency.Timeout(request, options.Timeouts.MinRequest, _maxTimeout);
        TimeSpan alive = silent * WorkerLatency.AliveFactor;
        return worker.SendAsync(
            request with { SilentAfter = silent }, view.Current.MembershipVersion, alive < _maxTimeout ? alive : _maxTimeout, cancellationToken);
    }

    /// <summary>Sends a request. The outcome is a value; only the caller's own cancellation throws.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ChannelReply> SendAsync(ChannelRequest request, RouteTarget target, CancellationToken cancellationToken)
    {
        long start = _time.GetTimestamp();
        ClusterSnapshot cluster = view.Current;
        if (cluster.Ring.IsEmpty)
        {
            return await FailoverAsync(request, target, start, default, null, cancellationToken).ConfigureAwait(false);
        }

        WorkerChannel owner = target.OwnerIn(cluster, pool);
        WorkerChannel worker = request.Opcode == PageChannelOpcode.Read ? ChooseReplica(request, target, cluster, owner, start) : owner;
        if (worker.IsSuspect)
        {
            return await FailoverAsync(request, target, start, default, null, cancellationToken).ConfigureAwait(false);
        }

        (ChannelRequest first, TimeSpan timeout) = Limit(request, target, worker, isReplica: worker != owner);
        ChannelReply reply = await worker.SendAsync(first, cluster.MembershipVersion, timeout, cancellationToken).ConfigureAwait(false);
        view.Hint(reply.MembershipVersion);
        return IsFinal(reply) ? reply : await FailoverAsync(request, target, start, reply, worker, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Sends a request about a whole file to its owner, when that is trusted and connected, without a state machine. End it with <see cref="TryEnd"/>.
    /// </summary>
    /// <returns><see langword="false"/>: nothing was sent; take <see cref="SendAsync"/>.</returns>
    public bool TrySend(in ChannelRequest request, RouteTarget target, CancellationToken cancellationToken, out SentRequest sent)
    {
        sent = default;
        ClusterSnapshot cluster = view.Current;
        if (cluster.Ring.IsEmpty || target.OwnerIn(cluster, pool) is not { IsSuspect: false } owner)
        {
            return false;
        }

        (ChannelRequest limited, TimeSpan timeout) = Limit(request, target, owner, isReplica: false);
        return owner.TrySend(limited, cluster.MembershipVersion, timeout, cancellationToken, out sent);
    }

    /// <summary>Ends a request of <see cref="TrySend"/>.</summary>
    /// <returns>Whether the reply is the answer; else it goes on with <see cref="GoOnAsync"/>.</returns>
    public bool TryEnd(in SentRequest sent, ref ChannelReply reply)
    {
        reply = sent.Worker.End(sent, reply);
        view.Hint(reply.MembershipVersion);
        return IsFinal(reply);
    }

    /// <summary>Looks elsewhere for the answer to a request of <see cref="TrySend"/>; a connection that has ended is replaced once.</summary>
    public async ValueTask<ChannelReply> GoOnAsync(SentRequest sent, ChannelReply reply, RouteTarget target, CancellationToken cancellationToken)
    {
        ChannelReply first = reply;
        if (first.Outcome == ChannelOutcome.ConnectionLost)
        {
            first = await sent.Worker.SendAsync(sent.Request, sent.MembershipVersion, sent.Timeout, cancellationToken).ConfigureAwait(false);
            view.Hint(first.MembershipVersion);
        }

        return IsFinal(first) ? first
            : await FailoverAsync(sent.Request with { Late = null }, target, sent.StartedAt, first, sent.Worker, cancellationToken).ConfigureAwait(false);
    }

    private WorkerChannel ChooseReplica(in ChannelRequest request, RouteTarget target, ClusterSnapshot cluster, WorkerChannel owner, long now)
    {
        int replicas = target.ReplicasIn(cluster, pool);
        if (_hot.Note(request.File, now))
        {
            replicas = Math.Max(replicas, options.HotFiles.Replicas);
        }

        return replicas > 1 ? ReplicaChoice.Choose(target.OwnersIn(cluster, pool), replicas, ++_turn) : owner;
    }

    /// <summary>Sets a first request's time limits, and that another worker is asked beside a late one.</summary>
    private (ChannelRequest Request, TimeSpan Timeout) Limit(in ChannelRequest request, RouteTarget target, WorkerChannel worker, bool isReplica)
    {
        TimeSpan silent = worker.Latency.Timeout(request, options.Timeouts.MinRequest, _maxTimeout);
        ChannelRequest limited = request with { SilentAfter = silent };
        if (isReplica)
        {
            limited = limited with { Flags = (ushort)(request.Flags | (ushort)ReadFlags.Failover) };
        }

        _budget.Earn();
        TimeSpan alive = silent * WorkerLatency.AliveFactor;
        return (Hedged(limited, worker, target), request.TakesItsTime ? ListTime : alive < _maxTimeout ? alive : _maxTimeout);
    }

    /// <summary>Has another worker asked beside this one when it is late; the one place that decides so, for every kind of request.</summary>
    private ChannelRequest Hedged(in ChannelRequest request, WorkerChannel worker, RouteTarget target) => !_budget.IsOn || request.TakesItsTime ? request : request with
    {
        Late = IsOfLargeFile(request, target) ? Launcher.ForLargeFiles : Launcher,
        LateAfter = worker.Latency.HedgeDelay(request, options.Hedging.MinDelay, request.SilentAfter / 2),
    };

    /// <summary>Whether bytes are asked for of a file that is more than one request brings: a second copy of it is a waste.</summary>
    private bool IsOfLargeFile(in ChannelRequest request, RouteTarget target) =>
        request.Opcode is PageChannelOpcode.Read or PageChannelOpcode.ReadFile && target.KnownLength > options.Reads.ChunkBytes;

    /// <summary>Whether no other worker could say otherwise.</summary>
    private static bool IsFinal(in ChannelReply reply) =>
        reply.Outcome == ChannelOutcome.Answered
        && reply.Status is PageChannelStatus.Ok or PageChannelStatus.VersionChanged or PageChannelStatus.NotFound or PageChannelStatus.InvalidPath
            or PageChannelStatus.IsDirectory or PageChannelStatus.NotDirectory;

    /// <summary>Whether asking everybody once more is in vain: they answered, or refused the connection, and would do the same.</summary>
    private static bool IsHopeless(in ChannelReply reply, int round) => reply.Outcome switch
    {
        ChannelOutcome.ConnectFailed => IsRefusal(reply),
        ChannelOutcome.Answered => reply.Status switch
        {
            PageChannelStatus.Denied or PageChannelStatus.NotMounted or PageChannelStatus.NotSupported or PageChannelStatus.InvalidRequest => true,
            PageChannelStatus.Busy or PageChannelStatus.NotOwner or PageChannelStatus.NotCached or PageChannelStatus.Cancelled
                or PageChannelStatus.ShuttingDown => false,
            _ => round > 0,
        },
        _ => false,
    };

    /// <summary>Whether a worker does not want this client: no other worker of the cluster will.</summary>
    private static bool IsRefusal(in ChannelReply reply) => reply.Outcome == ChannelOutcome.ConnectFailed
        && reply.Status is PageChannelStatus.Unauthenticated or PageChannelStatus.UnsupportedVersion or PageChannelStatus.WrongCluster;

    private async ValueTask<ChannelReply> FailoverAsync(
        ChannelRequest request, RouteTarget target, long start, ChannelReply first, WorkerChannel? asked, CancellationToken cancellationToken)
    {
        ChannelReply worst = first;
        int reroutes = 0;
        if (first is { Outcome: ChannelOutcome.Answered, Status: PageChannelStatus.NotOwner or PageChannelStatus.NotMounted })
        {
            // That worker may know the cluster better than this client does: ask the one that owns the file in a fresh view.
            if (first.Status == PageChannelStatus.NotMounted || first.MembershipVersion > view.Current.MembershipVersion)
            {
                await view.RefreshAsync(cancellationToken).ConfigureAwait(false);
            }

            asked = null;
        }

        for (int round = 0; ; round++)
        {
            ClusterSnapshot cluster = view.Current;
            bool isRerouted = false;
            int keepers = IsOfLargeFile(request, target) ? target.ReplicasIn(cluster, pool) : RoutePlan.Owners;
            foreach (RouteStep step in RoutePlan.Make(cluster, target.In(cluster), pool, keepers))
            {
                if (step.Channel == asked)
                {
                    continue;
                }

                TimeSpan left = options.Timeouts.Operation - _time.GetElapsedTime(start);
                if (left <= TimeSpan.Zero)
                {
                    return worst;
                }

                int factor = 1 << Math.Min(round, 10);
                TimeSpan timeout = options.Timeouts.Request * factor;
                ChannelRequest limited = request with { SilentAfter = factor * step.Channel.Latency.Timeout(request, options.Timeouts.MinRequest, options.Timeouts.Request) };
                limited = round == 0 ? Hedged(limited, step.Channel, target) : limited;
                TimeSpan most = request.TakesItsTime ? ListTime : timeout < left ? timeout : left;
                ChannelReply reply = await AskAsync(limited, step, cluster, most, reroutes, cancellationToken).ConfigureAwait(false);
                if (IsFinal(reply))
                {
                    return reply;
                }

                isRerouted = reply.Outcome == ChannelOutcome.Answered && reply.Status == PageChannelStatus.NotOwner;
                if (isRerouted)
                {
                    break;
                }

                worst = MoreTelling(worst, reply);
            }

            asked = null;
            if (isRerouted)
            {
                reroutes++;
                round--;
            }
            else if (IsHopeless(worst, round))
            {
                return worst;
            }
            else if (!await PauseAsync(round, start, cancellationToken).ConfigureAwait(false))
            {
                return worst;
            }

            await view.RefreshAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>
    /// Asks one worker. One that says NotOwner by a newer membership than ours ends the round; one that says so by an older or the same has not yet
    /// heard what we know, and is asked to serve all the same.
    /// </summary>
    private async ValueTask<ChannelReply> AskAsync(
        ChannelRequest request, RouteStep step, ClusterSnapshot cluster, TimeSpan timeout, int reroutes, CancellationToken cancellationToken)
    {
        long start = _time.GetTimestamp();
        ReadFlags flags = request.Opcode is PageChannelOpcode.Stat or PageChannelOpcode.List ? step.Flags & ReadFlags.Failover : step.Flags;
        ChannelRequest asked = request with { Flags = (ushort)(request.Flags | (ushort)flags) };
        ChannelReply reply = await step.Channel.SendAsync(asked, cluster.MembershipVersion, timeout, cancellationToken).ConfigureAwait(false);
        if (reply.Outcome != ChannelOutcome.Answered || reply.Status != PageChannelStatus.NotOwner
            || (reply.MembershipVersion > cluster.MembershipVersion && reroutes < MaxReroutes))
        {
            return reply;
        }

        asked = asked with { Flags = (ushort)(asked.Flags | (ushort)ReadFlags.Failover) };
        return await step.Channel.SendAsync(asked, cluster.MembershipVersion, timeout - _time.GetElapsedTime(start), cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Of two failures the one that helps more: what a worker said beats silence.</summary>
    private static ChannelReply MoreTelling(in ChannelReply known, in ChannelReply reply) => Weight(known) > Weight(reply) ? known : reply;

    private static int Weight(in ChannelReply reply) => reply.Outcome == ChannelOutcome.Answered ? 2 : IsRefusal(reply) ? 1 : 0;

    /// <summary>Waits a little before everybody is asked again.</summary>
    /// <returns><see langword="false"/> when the operation's time is over.</returns>
    private async ValueTask<bool> PauseAsync(int round, long start, CancellationToken cancellationToken)
    {
        TimeSpan pause = FirstPause * (1 << Math.Min(round, 10));
        pause = pause < MaxPause ? pause : MaxPause;
        if (_time.GetElapsedTime(start) + pause >= options.Timeouts.Operation)
        {
            return false;
        }

        await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(false);
        return true;
    }
}
