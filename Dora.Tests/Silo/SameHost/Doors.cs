using System.Net.Sockets;
using Dora.PageChannel.SameHost;
using Dora.PageChannel.Codec;
using Dora.Silo.SameHost;
using Dora.Tests.Waiting;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Win32.SafeHandles;

namespace Dora.Tests.Silo.SameHost;

/// <summary>Doors and those who come to them.</summary>
internal static class Doors
{
    public static SameHostDoor Open(string directory, Func<ulong, SafeFileHandle?> open, uint? user = null) =>
        SameHostDoor.Open(Path.Combine(directory, "same-host", "socket"), open, TimeProvider.System, NullLogger.Instance, user);

    /// <summary>A ticket as a client gets it over the page channel.</summary>
    public static byte[] Ticket(SameHostDoor door)
    {
        byte[] frame = new byte[PageChannelProtocol.MaxControlFrame];
        int length = door.WriteInvitation(frame, 1, 1);
        Assert.True(FrameReader.ReadHeaderAtClient(frame.AsSpan(0, length), 1, out FrameHeader header).IsOk);
        Assert.True(FrameReader.ReadSameHostReply(frame.AsSpan(FrameHeader.Size, header.BodyLength), out SameHostReply reply).IsOk);
        Assert.True(reply.BootId.SequenceEqual(HostIdentity.BootId));
        return reply.Ticket.ToArray();
    }

    /// <summary>Comes to a door with a ticket, or something like it.</summary>
    /// <returns>The socket, or <see langword="null"/>: refused.</returns>
    public static async Task<Socket?> EnterAsync(SameHostDoor door, byte[] ticket)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(door.Path));
        try
        {
            await socket.SendAsync(ticket);
            byte[] greeting = new byte[8];
            if (await socket.ReceiveAsync(greeting).Within("the greeting or the end") == greeting.Length)
            {
                return socket;
            }
        }
        catch (SocketException)
        {
            // Cut off.
        }

        socket.Dispose();
        return null;
    }

    public static async Task<SameHostSession> SessionAsync(SameHostDoor door) =>
        new(null!, (await EnterAsync(door, Ticket(door)))!, TimeProvider.System);
}
