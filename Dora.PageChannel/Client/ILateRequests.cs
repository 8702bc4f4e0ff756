namespace Dora.PageChannel.Client;

/// <summary>Told of requests that take longer than most, so that another worker can be asked beside.</summary>
internal interface ILateRequests
{
    /// <summary>A request is late. Called on the connection's timer: must return at once.</summary>
    void OnLate(LateRequest late);
}

/// <summary>A request that is late, for as long as its caller waits for it. Its object is reused afterwards, and the serial number then differs.</summary>
/// <param name="Connection">Where it was sent.</param>
/// <param name="Pending">Its object.</param>
/// <param name="Serial">Which use of the object is meant.</param>
/// <param name="Request">What was asked.</param>
internal readonly record struct LateRequest(PageChannelConnection Connection, PendingRequest Pending, long Serial, ChannelRequest Request)
{
    /// <summary>Says what to cancel when the request ends by itself.</summary>
    /// <returns><see langword="false"/> when it has ended.</returns>
    public bool TryAttach(CancellationTokenSource rival) => Connection.TryAttach(this, rival);

    /// <summary>
    /// Ends the request with another worker's answer, unless it has ended or its bytes have begun to come: only one side ever writes to the caller's memory.
    /// </summary>
    public bool TryTakeOver(in ChannelReply reply, ReadOnlySpan<byte> bytes) => Connection.TryTakeOver(this, reply, bytes);
}
