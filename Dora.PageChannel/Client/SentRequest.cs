namespace Dora.PageChannel.Client;

/// <summary>A request that was sent without a state machine; see <see cref="WorkerChannel.TrySend"/>.</summary>
/// <param name="Worker">To whom.</param>
/// <param name="Connection">Over what.</param>
/// <param name="Request">What was asked.</param>
/// <param name="MembershipVersion">By what view of the cluster.</param>
/// <param name="StartedAt">When, as a timestamp.</param>
/// <param name="Timeout">How long it may take.</param>
/// <param name="Reply">The reply: to be awaited once.</param>
internal readonly record struct SentRequest(
    WorkerChannel Worker,
    PageChannelConnection Connection,
    ChannelRequest Request,
    long MembershipVersion,
    long StartedAt,
    TimeSpan Timeout,
    ValueTask<ChannelReply> Reply);
