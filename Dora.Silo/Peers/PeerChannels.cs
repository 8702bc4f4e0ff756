using Dora.PageChannel.Client;

namespace Dora.Silo.Peers;

/// <summary>The channels to the other workers, with the limits of what is asked over them.</summary>
/// <param name="pool">The channels; they are its owner's to close.</param>
/// <param name="options">The limits.</param>
internal sealed class PeerChannels(PageChannelPool pool, PeerOptions options)
{
    /// <summary>The limits.</summary>
    public PeerOptions Options => options;

    /// <summary>The channel to a worker.</summary>
    /// <exception cref="ObjectDisposedException">The worker is stopping.</exception>
    public WorkerChannel For(WorkerInfo worker) => pool.For(worker);

    /// <summary>Asks for a batch of what a worker knows. A worker that is stopping gets no answer.</summary>
    public async ValueTask<ChannelReply> AskAsync(WorkerInfo worker, ChannelRequest request, long membershipVersion, CancellationToken cancellationToken)
    {
        try
        {
            return await pool.For(worker)
                .SendAsync(request with { SilentAfter = options.MaxSilence }, membershipVersion, options.BatchLimit, cancellationToken).ConfigureAwait(false);
        }
        catch (ObjectDisposedException e)
        {
            throw new OperationCanceledException("the worker is stopping", e);
        }
    }
}
