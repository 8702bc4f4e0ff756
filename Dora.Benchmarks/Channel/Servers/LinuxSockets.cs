using System.ComponentModel;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Dora.Core.Linux;
using Microsoft.Win32.SafeHandles;

namespace Dora.Benchmarks.Channel.Servers;

/// <summary>The system calls of the contenders that .NET does not offer. The layouts are those of 64-bit Linux.</summary>
internal static unsafe class LinuxSockets
{
    private const int SocketLevel = 1;
    private const int OutQueue = 0x5411;
    private const int Rights = 1;
    private const int CloseOnExec = 0x4000_0000;
    private const int RightsLength = 20;
    private const int RightsSpace = 24;

    /// <summary>Sends a part of a file without a copy through this process.</summary>
    /// <returns>Bytes the socket took; 0 when it takes none now.</returns>
    internal static int SendFile(Socket socket, SafeFileHandle file, long offset, int length)
    {
        while (true)
        {
            nint sent = Libc.sendfile(socket.SafeHandle, file, ref offset, (nuint)length);
            int error = sent < 0 ? Marshal.GetLastPInvokeError() : 0;
            if (sent >= 0 || error == Errno.Again)
            {
                return (int)Math.Max(sent, 0);
            }

            if (error != Errno.Interrupted)
            {
                throw new Win32Exception(error);
            }
        }
    }

    /// <summary>Gives a part of a file back to the file system, as an eviction does.</summary>
    internal static void Punch(SafeFileHandle file, long offset, long length) => ThrowIf(Libc.fallocate(file, Libc.PunchHole, offset, length) < 0);

    /// <summary>Bytes sent that the peer's TCP has not acknowledged.</summary>
    internal static int Unacknowledged(Socket socket)
    {
        int bytes = 0;
        ThrowIf(Libc.ioctl(socket.SafeHandle, OutQueue, &bytes) < 0);
        return bytes;
    }

    /// <summary>Gives the process at the other end of a Unix socket an open file.</summary>
    internal static void SendDescriptor(Socket socket, SafeFileHandle file)
    {
        byte* control = stackalloc byte[RightsSpace];
        *(nuint*)control = RightsLength;
        ((int*)control)[2] = SocketLevel;
        ((int*)control)[3] = Rights;
        ((int*)control)[4] = (int)file.DangerousGetHandle();
        byte one = 1;
        var part = new IoVector(&one, 1);
        var message = new SocketMessage { Parts = &part, PartCount = 1, Control = control, ControlLength = RightsSpace };
        ThrowIf(Libc.sendmsg(socket.SafeHandle, &message, 0) < 0);
        GC.KeepAlive(file);
    }

    /// <summary>Takes what <see cref="SendDescriptor"/> gave.</summary>
    internal static SafeFileHandle ReceiveDescriptor(Socket socket)
    {
        byte* control = stackalloc byte[RightsSpace];
        byte one = 0;
        var part = new IoVector(&one, 1);
        var message = new SocketMessage { Parts = &part, PartCount = 1, Control = control, ControlLength = RightsSpace };
        ThrowIf(Libc.recvmsg(socket.SafeHandle, &message, CloseOnExec) <= 0);
        return message.ControlLength >= RightsLength && ((int*)control)[3] == Rights
            ? new SafeFileHandle(((int*)control)[4], ownsHandle: true)
            : throw new InvalidOperationException("no file descriptor came");
    }

    private static void ThrowIf(bool failed)
    {
        if (failed)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }
}
