using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;

namespace Dora.Client.Cluster;

/// <summary>
/// The view as the workers tell it over the page channel. One of them is asked, the same as long as it answers, so that a client's questions cost one connection; which one is chance, so that
/// many clients do not all ask the same.
/// </summary>
/// <param name="pool">The channels.</param>
/// <param name="table">Where workers are found when none that is known answers; <see langword="null"/>: nowhere.</param>
/// <param name="grains">The view of workers that do not tell it over the page channel yet, and of clients that know gateways only.</param>
/// <param name="options">The timeouts.</param>
internal sealed class ChannelViews(PageChannelPool pool, MembershipTable? table, GrainViews grains, DoraClientOptions options) : IViewSource
{
    // A worker that holds a poll for longer than it was asked to is hung, or its answer is lost.
    private static readonly TimeSpan Overtime = TimeSpan.FromSeconds(5);

    private volatile IReadOnlyList<WorkerInfo> _known = [];
    private WorkerId _asked;
    private uint _turn = (uint)options.TimeProvider.GetTimestamp();

    /// <inheritdoc/>
    public async Task<ViewBody> GetAsync(CancellationToken cancellationToken) =>
        await AskAsync(new ViewRequest(-1, -1, TimeSpan.Zero), cancellationToken).ConfigureAwait(false)
        ?? await grains.GetAsync(cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<ViewBody> WaitForChangeAsync(ClusterSnapshot known, TimeSpan wait, CancellationToken cancellationToken) =>
        await AskAsync(new ViewRequest(known.MembershipVersion, known.Mounts.Version, wait), cancellationToken).ConfigureAwait(false)
        ?? await grains.WaitForChangeAsync(known, wait, cancellationToken).ConfigureAwait(false);

    /// <summary>Asks one worker after another until one answers: those of the last view, and then those that the cluster's address has.</summary>
    /// <returns><see langword="null"/>: the grains are to be asked.</returns>
    private async Task<ViewBody?> AskAsync(ViewRequest request, CancellationToken cancellationToken)
    {
        ChannelReply worst = default;
        IReadOnlyList<WorkerInfo> known = _known;
        foreach (WorkerInfo worker in InTurn(known))
        {
            (ViewBody? view, ChannelReply reply) = await AskAsync(worker, request, cancellationToken).ConfigureAwait(false);
            if (view is not null)
            {
                return view;
            }

            worst = MoreTelling(worst, reply);
        }

        foreach (WorkerInfo worker in InTurn([.. (table?.Read() ?? []).Except(known)]))
        {
            (ViewBody? view, ChannelReply reply) = await AskAsync(worker, request, cancellationToken).ConfigureAwait(false);
            if (view is not null)
            {
                return view;
            }

            worst = MoreTelling(worst, reply);
        }

        // No worker is known that could be asked, or all that answer are of an earlier version.
        return (table is null && worst.Outcome != ChannelOutcome.Answered) || IsUnknownToIt(worst) ? null : throw Failure(worst);
    }

    private async ValueTask<(ViewBody? View, ChannelReply Reply)> AskAsync(WorkerInfo worker, ViewRequest request, CancellationToken cancellationToken)
    {
        var asked = new ChannelRequest(
            PageChannelOpcode.View,
            default,
            SilentAfter: options.Timeouts.Hung,
            MaxLength: ViewBody.MaxReply,
            Memory: ReplyMemory.Rented,
            Control: new ControlArguments(View: request));
        ChannelReply reply;
        try
        {
            TimeSpan limit = options.Timeouts.Request + request.Wait;
            reply = await pool.For(worker).SendAsync(asked, 0, limit, cancellationToken).AsTask()
                .WaitAsync(limit + Overtime, options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            reply = ChannelReply.TimedOut;
        }

        ViewBody? view = null;
        if (reply.Data is { } body)
        {
            bool isRight = ViewBody.TryRead(body.AsSpan(0, reply.Bytes), out view);
            ReplyBuffers.Return(body);
            reply = isRight ? reply : new ChannelReply(ChannelOutcome.Answered, PageChannelStatus.NotSupported);
        }

        if (view is not null)
        {
            (_asked, _known) = (worker.Id, view.Workers);
        }
        else if (_asked == worker.Id)
        {
            _asked = default;
        }

        return (view, reply);
    }

    /// <summary>The one that answered last, then the others from a different one on each time; those under suspicion last.</summary>
    private IEnumerable<WorkerInfo> InTurn(IReadOnlyList<WorkerInfo> workers)
    {
        int first = workers.Count == 0 ? 0 : (int)(Interlocked.Increment(ref _turn) % (uint)workers.Count);
        return workers.Skip(first).Concat(workers.Take(first)).OrderBy(w => pool.For(w).IsSuspect ? 2 : w.Id == _asked ? 0 : 1);
    }

    private static ChannelReply MoreTelling(in ChannelReply known, in ChannelReply reply) =>
        IsUnknownToIt(known) || (IsRefusal(known) && !IsUnknownToIt(reply)) ? known : reply;

    private static bool IsUnknownToIt(in ChannelReply reply) => reply is { Outcome: ChannelOutcome.Answered, Status: PageChannelStatus.NotSupported };

    private static bool IsRefusal(in ChannelReply reply) => reply.Outcome == ChannelOutcome.ConnectFailed
        && reply.Status is PageChannelStatus.Unauthenticated or PageChannelStatus.UnsupportedVersion or PageChannelStatus.WrongCluster;

    private DoraException Failure(in ChannelReply reply) => IsRefusal(reply)
        ? new DoraException(reply.Status.ToErrorCode(), $"the workers of the cluster at '{options.Cluster}' refuse this client: {reply.Message}")
        : new DoraException(DoraErrorCode.Unavailable, reply.Message is { Length: > 0 } said ? $"no worker told the cluster's view (the last: {said})" : "no worker is active");
}
