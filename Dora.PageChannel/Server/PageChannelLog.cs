using Dora.PageChannel.Codec;
using Microsoft.Extensions.Logging;

namespace Dora.PageChannel.Server;

/// <summary>What the page-channel server says. Event ids 3000 to 3099; retired numbers stay reserved.</summary>
internal static partial class PageChannelLog
{
    [LoggerMessage(3000, LogLevel.Information, "Page channel listens on {EndPoint}")]
    public static partial void Listening(ILogger logger, System.Net.EndPoint endPoint);

    [LoggerMessage(3001, LogLevel.Debug, "Page channel: {Peer} connected")]
    public static partial void Connected(ILogger logger, System.Net.EndPoint? peer);

    [LoggerMessage(3002, LogLevel.Debug, "Page channel: {Peer} disconnected")]
    public static partial void Disconnected(ILogger logger, System.Net.EndPoint? peer);

    [LoggerMessage(3003, LogLevel.Warning, "Page channel: closing the connection of {Peer}: {Status}, {Reason}")]
    public static partial void Closing(ILogger logger, System.Net.EndPoint? peer, PageChannelStatus status, string reason);

    [LoggerMessage(3004, LogLevel.Error, "Page channel: a request of {Peer} failed by surprise")]
    public static partial void RequestFailed(ILogger logger, System.Net.EndPoint? peer, Exception exception);

    [LoggerMessage(3005, LogLevel.Warning, "Page channel: accepting a connection failed")]
    public static partial void AcceptFailed(ILogger logger, Exception exception);

    [LoggerMessage(3006, LogLevel.Warning, "Page channel: {Count} connections open, the limit: refusing {Peer}")]
    public static partial void TooManyConnections(ILogger logger, int count, System.Net.EndPoint? peer);

    [LoggerMessage(3007, LogLevel.Error, "Page channel: the connection of {Peer} failed by surprise")]
    public static partial void ConnectionFailed(ILogger logger, System.Net.EndPoint? peer, Exception exception);

    [LoggerMessage(3008, LogLevel.Warning, "Page channel: the TLS handshake of {Peer} failed: {Reason}")]
    public static partial void HandshakeFailed(ILogger logger, System.Net.EndPoint? peer, string reason);
}
