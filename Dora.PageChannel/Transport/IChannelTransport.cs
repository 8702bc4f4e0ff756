using System.Net;
using System.Net.Sockets;

namespace Dora.PageChannel.Transport;

/// <summary>
/// Carries the bytes of one connection. One receive and one send may run at a time. When the connection ends these throw what
/// <see cref="TransportErrors.IsEnd"/> knows. Disposing it cuts the connection, whatever runs on it.
/// </summary>
internal interface IChannelTransport : IDisposable
{
    /// <summary>Who is at the other end.</summary>
    EndPoint? Peer { get; }

    /// <summary>
    /// The socket, when its bytes are those of <see cref="ReceiveAsync"/> and <see cref="SendAsync"/>, so that it may be polled, and sent to while no send runs;
    /// else <see langword="null"/>.
    /// </summary>
    Socket? Pollable { get; }

    /// <summary>Receives what comes next, at least one byte.</summary>
    /// <returns>Bytes received; 0: the peer sends no more.</returns>
    ValueTask<int> ReceiveAsync(Memory<byte> room, CancellationToken cancellationToken);

    /// <summary>Sends from the start of the bytes.</summary>
    /// <returns>How many were taken, at least one.</returns>
    ValueTask<int> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Tells the peer that no more is sent. Not while a send runs.</summary>
    ValueTask EndSendingAsync();
}
