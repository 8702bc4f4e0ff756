using System.Text;
using Dora.Client.Cluster;
using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;

namespace Dora.Client.Routing;

/// <summary>
/// Asks the next owner beside a worker that is late, whatever was asked: a stat, a range, a whole file alone or in a batch. The second request's bytes come in
/// memory of their own, rented when they come, so that the two never write to the same memory; the first whole answer wins, the other request is
/// cancelled. An answer that has begun to come is not overtaken.
/// </summary>
/// <param name="view">The cluster.</param>
/// <param name="pool">The channels.</param>
/// <param name="budget">Bounds the extra load.</param>
/// <param name="options">The timeouts.</param>
internal sealed class HedgeLauncher(ClusterViewFollower view, PageChannelPool pool, HedgeBudget budget, DoraClientOptions options) : ILateRequests
{
    private LargeFiles? _largeFiles;
    private long _won;

    /// <summary>Second requests that answered first.</summary>
    public long Won => Interlocked.Read(ref _won);

    /// <summary>The same for requests of large files: whoever is asked beside the owner keeps nothing of them, unless the mount wants replicas there.</summary>
    public ILateRequests ForLargeFiles => _largeFiles ??= new LargeFiles(this);

    /// <inheritdoc/>
    public void OnLate(LateRequest late) => Launch(late, isOfLargeFile: false);

    private void Launch(LateRequest late, bool isOfLargeFile) => ThreadPool.UnsafeQueueUserWorkItem(
        static x => _ = x.Launcher.RunAsync(x.Late, x.IsOfLargeFile), (Launcher: this, Late: late, IsOfLargeFile: isOfLargeFile), preferLocal: false);

    private async Task RunAsync(LateRequest late, bool isOfLargeFile)
    {
        ChannelReply reply = default;
        bool isTaken = false;
        try
        {
            ClusterSnapshot cluster = view.Current;
            if (Next(cluster, late, out int rank) is not { } next || !budget.TrySpend())
            {
                return;
            }

            var rival = new CancellationTokenSource();
            if (!late.TryAttach(rival))
            {
                return;
            }

            ChannelRequest request = Rival(late.Request, isKept: !isOfLargeFile || rank < ReplicasOf(cluster, late.Request));
            TimeSpan timeout = next.Latency.Timeout(request, options.Timeouts.MinRequest, options.Timeouts.Request);
            reply = await next.SendAsync(request, cluster.MembershipVersion, timeout, rival.Token).ConfigureAwait(false);
            isTaken = IsWhole(request, reply) && TryTakeOver(late, reply);
            if (isTaken)
            {
                Interlocked.Increment(ref _won);
            }
        }
        catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
        {
            // The first worker answered meanwhile, or the client was closed.
        }
        finally
        {
            GiveBack(late.Request, reply, isTaken);
        }
    }

    /// <summary>The same question to another worker.</summary>
    private static ChannelRequest Rival(in ChannelRequest request, bool isKept) => request with
    {
        Flags = (ushort)(request.Flags | (ushort)(isKept ? ReadFlags.Failover : ReadFlags.Failover | ReadFlags.StoreDirect)),
        Destination = default,
        MaxLength = request.Wanted,
        Memory = request.Memory == ReplyMemory.Exact ? ReplyMemory.Exact : ReplyMemory.Rented,
        Late = null,
    };

    /// <summary>Whether an answer is all that was asked for. A worker that grants shorter reads than the first one, or is older, may give less.</summary>
    private static bool IsWhole(in ChannelRequest request, in ChannelReply reply) => reply.IsOk && request.Opcode switch
    {
        PageChannelOpcode.Read => reply.Bytes == request.Wanted,
        PageChannelOpcode.ReadFile => reply.Bytes == Math.Min(request.Wanted, reply.Stat.Length),
        _ => true,
    };

    private static bool TryTakeOver(in LateRequest late, in ChannelReply reply) => late.Request.Memory == ReplyMemory.Caller
        ? late.TryTakeOver(reply with { Data = null }, reply.Data.AsSpan(0, reply.Bytes))
        : late.TryTakeOver(reply, default);

    /// <summary>Gives the second answer's memory back, unless it is the caller's now.</summary>
    private static void GiveBack(in ChannelRequest first, in ChannelReply reply, bool isTaken)
    {
        bool isCallers = isTaken && first.Memory != ReplyMemory.Caller;
        bool isRented = first.Memory != ReplyMemory.Exact || reply.Bytes != reply.Stat.Length;
        if (reply.Data is { } data && isRented && !isCallers)
        {
            ReplyBuffers.Return(data);
        }
    }

    /// <summary>The first owner of the file that is neither the late worker nor a suspect.</summary>
    private WorkerChannel? Next(ClusterSnapshot cluster, in LateRequest late, out int rank)
    {
        Span<int> owners = stackalloc int[RoutePlan.Owners];
        int count = cluster.Ring.Owners(FileOf(cluster, late.Request), owners);
        for (rank = 0; rank < count; rank++)
        {
            WorkerChannel channel = pool.For(cluster.Workers[owners[rank]]);
            if (!channel.IsSuspect && !channel.Owns(late.Connection))
            {
                return channel;
            }
        }

        return null;
    }

    private static int ReplicasOf(ClusterSnapshot cluster, in ChannelRequest request) =>
        DoraPath.TryParse(Encoding.UTF8.GetString(request.Path.Span), out DoraPath path, out _) ? cluster.Mounts.Resolve(path)?.Mount.Replicas ?? 1 : 1;

    /// <summary>Only a read of an open file knows more than the path.</summary>
    private static FileId FileOf(ClusterSnapshot cluster, in ChannelRequest request) => request.Opcode == PageChannelOpcode.Read
        ? request.File
        : DoraPath.TryParse(Encoding.UTF8.GetString(request.Path.Span), out DoraPath path, out _) ? cluster.Mounts.FileIdOf(path) : default;

    private sealed class LargeFiles(HedgeLauncher launcher) : ILateRequests
    {
        public void OnLate(LateRequest late) => launcher.Launch(late, isOfLargeFile: true);
    }
}
