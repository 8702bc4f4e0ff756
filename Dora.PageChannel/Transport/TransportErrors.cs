using System.Net.Sockets;

namespace Dora.PageChannel.Transport;

/// <summary>What transports throw.</summary>
internal static class TransportErrors
{
    /// <summary>Whether an exception says that the connection has ended: cut, closed here, or (TLS) a byte that does not fit its seal.</summary>
    public static bool IsEnd(Exception exception) => exception is SocketException or IOException or ObjectDisposedException;
}
