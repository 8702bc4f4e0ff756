using System.Buffers;
using System.Text;
using Dora.Client.Cluster;
using Dora.Client.PageChannel;
using Dora.PageChannel;

namespace Dora.Client.Routing;

/// <summary>
/// Asks the next owner beside a worker that is late. The second request has a buffer of its own, so that the two never write to the same memory; the
/// first whole answer wins, the other request is cancelled. An answer that has begun to come is not overtaken.
/// </summary>
/// <param name="view">The cluster.</param>
/// <param name="pool">The channels.</param>
/// <param name="budget">Bounds the extra load.</param>
/// <param name="options">The timeouts.</param>
internal sealed class HedgeLauncher(ClusterViewFollower view, PageChannelPool pool, HedgeBudget budget, DoraClientOptions options) : ILateRequests
{
    private long _won;

    /// <summary>Second requests that answered first.</summary>
    public long Won => Interlocked.Read(ref _won);

    /// <inheritdoc/>
    public void OnLate(LateRequest late) => ThreadPool.UnsafeQueueUserWorkItem(static x => _ = x.Launcher.RunAsync(x.Late), (Launcher: this, Late: late), preferLocal: false);

    private async Task RunAsync(LateRequest late)
    {
        byte[]? buffer = null;
        try
        {
            ClusterSnapshot cluster = view.Current;
            if (Next(cluster, late) is not { } next || !budget.TrySpend())
            {
                return;
            }

            var rival = new CancellationTokenSource();
            if (!late.TryAttach(rival))
            {
                return;
            }

            int length = late.Request.Destination.Length;
            buffer = ArrayPool<byte>.Shared.Rent(length);
            ChannelRequest request = late.Request with
            {
                Flags = (ushort)(late.Request.Flags | (ushort)ReadFlags.Failover),
                Destination = buffer.AsMemory(0, length),
                Late = null,
            };
            TimeSpan timeout = next.Latency.Timeout(request, options.MinRequestTimeout, options.RequestTimeout);
            ChannelReply reply = await next.SendAsync(request, cluster.MembershipVersion, timeout, rival.Token).ConfigureAwait(false);
            if (reply.IsOk && late.TryTakeOver(reply, buffer.AsSpan(0, reply.Bytes)))
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
            // The request has ended, one way or the other: nobody writes to it any more.
            if (buffer is not null)
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    /// <summary>The first owner of the file that is neither the late worker nor a suspect.</summary>
    private WorkerChannel? Next(ClusterSnapshot cluster, in LateRequest late)
    {
        Span<int> ranks = stackalloc int[RoutePlan.Owners];
        int count = cluster.Ring.Owners(FileOf(cluster, late.Request), ranks);
        foreach (int rank in ranks[..count])
        {
            WorkerChannel channel = pool.For(cluster.Workers[rank]);
            if (!channel.IsSuspect && !channel.Owns(late.Connection))
            {
                return channel;
            }
        }

        return null;
    }

    /// <summary>A stat knows its path alone.</summary>
    private static FileId FileOf(ClusterSnapshot cluster, in ChannelRequest request) => request.Opcode == PageChannelOpcode.Read
        ? request.File
        : DoraPath.TryParse(Encoding.UTF8.GetString(request.Path.Span), out DoraPath path, out _) ? cluster.Mounts.FileIdOf(path) : default;
}
