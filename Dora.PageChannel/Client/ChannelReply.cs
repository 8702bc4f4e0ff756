using Dora.PageChannel.Codec;

namespace Dora.PageChannel.Client;

/// <summary>How a request ended on its way.</summary>
internal enum ChannelOutcome
{
    /// <summary>Nothing was asked.</summary>
    None = 0,

    /// <summary>The worker answered.</summary>
    Answered,

    /// <summary>The worker did not answer in time.</summary>
    TimedOut,

    /// <summary>The connection ended before the answer.</summary>
    ConnectionLost,

    /// <summary>No connection could be made.</summary>
    ConnectFailed,
}

/// <summary>The end of a request, as a value.</summary>
/// <param name="Outcome">How it ended on its way.</param>
/// <param name="Status">The worker's word, when it answered.</param>
/// <param name="MembershipVersion">The membership version the worker judged by.</param>
/// <param name="Bytes">Of a read: bytes received.</param>
/// <param name="Stat">Of a stat or read-file.</param>
/// <param name="Message">One line when something is wrong.</param>
/// <param name="Data">Of a read or read-file without a destination: the bytes.</param>
/// <param name="IsFromStore">Of a read or read-file: the worker asked its store for at least a part of it.</param>
internal readonly record struct ChannelReply(
    ChannelOutcome Outcome,
    PageChannelStatus Status = PageChannelStatus.Ok,
    long MembershipVersion = 0,
    int Bytes = 0,
    StatReply Stat = default,
    string? Message = null,
    byte[]? Data = null,
    bool IsFromStore = false)
{
    /// <summary>Whether it was answered as asked.</summary>
    public bool IsOk => Outcome == ChannelOutcome.Answered && Status == PageChannelStatus.Ok;

    /// <summary>The worker did not answer in time.</summary>
    public static ChannelReply TimedOut { get; } = new(ChannelOutcome.TimedOut, Message: "no answer in time");

    /// <summary>The connection ended.</summary>
    public static ChannelReply Lost(string reason) => new(ChannelOutcome.ConnectionLost, Message: reason);

    /// <summary>No connection could be made.</summary>
    /// <param name="status">What the worker said to the hello, if it said something.</param>
    /// <param name="reason">One line.</param>
    public static ChannelReply NotConnected(PageChannelStatus status, string reason) => new(ChannelOutcome.ConnectFailed, status, Message: reason);
}
