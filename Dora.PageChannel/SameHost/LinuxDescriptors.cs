using System.Net.Sockets;
using System.Runtime.InteropServices;
using Dora.Core.Linux;
using Microsoft.Win32.SafeHandles;

namespace Dora.PageChannel.SameHost;

/// <summary>
/// What passing open files between processes needs and .NET does not offer. Each returns an error number instead of throwing. Constants and layouts are those
/// of 64-bit Linux.
/// </summary>
internal static unsafe class LinuxDescriptors
{
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;
    private const int Rights = 1;
    private const int RightsLength = 20;
    private const int RightsSpace = 24;
    private const int DontWait = 0x40;
    private const int NoSignal = 0x4000;
    private const int CloseOnExec = 0x4000_0000;

    /// <summary>The user this process runs as.</summary>
    public static uint UserId() => Libc.geteuid();

    /// <summary>The user that the process at the other end of a Unix socket ran as when it connected.</summary>
    public static uint PeerUserId(Socket socket)
    {
        Span<byte> credentials = stackalloc byte[12];
        socket.GetRawSocketOption(SocketLevel, PeerCredentials, credentials);
        return MemoryMarshal.Read<uint>(credentials[4..]);
    }

    /// <summary>Sends a message with or without an open file, in one piece, without waiting.</summary>
    /// <returns>0, or why not.</returns>
    public static int Send(Socket socket, ReadOnlySpan<byte> message, SafeFileHandle? file)
    {
        byte* control = stackalloc byte[RightsSpace];
        bool isHeld = false;
        try
        {
            fixed (byte* bytes = message)
            {
                var part = new IoVector(bytes, (nuint)message.Length);
                var header = new SocketMessage { Parts = &part, PartCount = 1 };
                if (file is not null)
                {
                    file.DangerousAddRef(ref isHeld);
                    *(nuint*)control = RightsLength;
                    ((int*)control)[2] = SocketLevel;
                    ((int*)control)[3] = Rights;
                    ((int*)control)[4] = (int)file.DangerousGetHandle();
                    header.Control = control;
                    header.ControlLength = RightsSpace;
                }

                nint sent = Libc.sendmsg(socket.SafeHandle, &header, DontWait | NoSignal);
                return sent == message.Length ? 0 : sent < 0 ? Marshal.GetLastPInvokeError() : Errno.Again;
            }
        }
        finally
        {
            if (isHeld)
            {
                file!.DangerousRelease();
            }
        }
    }

    /// <summary>Takes a message, and the open file that came with it, without waiting.</summary>
    /// <returns>Bytes of the message; 0 at the end of the connection; less than 0 when there is nothing now, or the connection broke.</returns>
    public static int Receive(Socket socket, Span<byte> message, out SafeFileHandle? file)
    {
        file = null;
        byte* control = stackalloc byte[RightsSpace];
        fixed (byte* bytes = message)
        {
            var part = new IoVector(bytes, (nuint)message.Length);
            var header = new SocketMessage { Parts = &part, PartCount = 1, Control = control, ControlLength = RightsSpace };
            nint count = Libc.recvmsg(socket.SafeHandle, &header, DontWait | CloseOnExec);
            if (count > 0 && header.ControlLength >= RightsLength && ((int*)control)[2] == SocketLevel && ((int*)control)[3] == Rights)
            {
                file = new SafeFileHandle(((int*)control)[4], ownsHandle: true);
            }

            return count >= 0 ? (int)count : -Marshal.GetLastPInvokeError();
        }
    }
}
