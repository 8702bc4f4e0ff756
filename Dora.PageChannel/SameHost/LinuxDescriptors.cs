using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Dora.PageChannel.SameHost;

/// <summary>
/// What passing open files between processes needs and .NET does not offer. Each returns an error number instead of throwing. Constants and layouts are those
/// of 64-bit Linux.
/// </summary>
internal static unsafe partial class LinuxDescriptors
{
    /// <summary>EAGAIN: not without waiting.</summary>
    public const int Again = 11;

    private const int Interrupted = 4;
    private const int SocketLevel = 1;
    private const int PeerCredentials = 17;
    private const int Rights = 1;
    private const int RightsLength = 20;
    private const int RightsSpace = 24;
    private const int DontWait = 0x40;
    private const int NoSignal = 0x4000;
    private const int CloseOnExec = 0x4000_0000;
    private const int NoWait = 8;

    /// <summary>The user this process runs as.</summary>
    public static uint UserId() => geteuid();

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
                var part = new Part(bytes, (nuint)message.Length);
                var header = new Message { Parts = &part, PartCount = 1 };
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

                nint sent = sendmsg(socket.SafeHandle, &header, DontWait | NoSignal);
                return sent == message.Length ? 0 : sent < 0 ? Marshal.GetLastPInvokeError() : Again;
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
            var part = new Part(bytes, (nuint)message.Length);
            var header = new Message { Parts = &part, PartCount = 1, Control = control, ControlLength = RightsSpace };
            nint count = recvmsg(socket.SafeHandle, &header, DontWait | CloseOnExec);
            if (count > 0 && header.ControlLength >= RightsLength && ((int*)control)[2] == SocketLevel && ((int*)control)[3] == Rights)
            {
                file = new SafeFileHandle(((int*)control)[4], ownsHandle: true);
            }

            return count >= 0 ? (int)count : -Marshal.GetLastPInvokeError();
        }
    }

    /// <summary>Reads what the system has in memory, without waiting for a disk.</summary>
    /// <returns>Bytes read, or less than 0: an error number.</returns>
    public static int ReadNow(SafeFileHandle file, Span<byte> destination, long position)
    {
        const int Short = 64 * 1024;
        fixed (byte* start = destination)
        {
            var part = new Part(start, (nuint)destination.Length);
            int descriptor = (int)file.DangerousGetHandle();

            // A short copy never waits, so the runtime need not be told that this thread is away.
            nint count = destination.Length <= Short
                ? preadv2_short(descriptor, &part, 1, position, NoWait)
                : preadv2(descriptor, &part, 1, position, NoWait);
            return count >= 0 ? (int)count : -Marshal.GetLastSystemError();
        }
    }

    /// <summary>Reads, and waits for the disk when it has to.</summary>
    /// <returns>Bytes read, or less than 0: an error number.</returns>
    public static int Read(SafeFileHandle file, Span<byte> destination, long position)
    {
        fixed (byte* start = destination)
        {
            nint count;
            do
            {
                count = pread((int)file.DangerousGetHandle(), start, (nuint)destination.Length, position);
            }
            while (count < 0 && Marshal.GetLastSystemError() == Interrupted);
            return count >= 0 ? (int)count : -Marshal.GetLastSystemError();
        }
    }

    private readonly struct Part(byte* start, nuint length)
    {
        public readonly byte* Start = start;
        public readonly nuint Length = length;
    }

    private struct Message
    {
        public void* Name;
        public uint NameLength;
        public Part* Parts;
        public nuint PartCount;
        public void* Control;
        public nuint ControlLength;
        public int Flags;
    }

#pragma warning disable IDE1006 // the C library's names
    [LibraryImport("libc")]
    private static partial uint geteuid();

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint sendmsg(SafeHandle socket, Message* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint recvmsg(SafeHandle socket, Message* message, int flags);

    [LibraryImport("libc")]
    private static partial nint preadv2(int file, Part* parts, int count, long position, int flags);

    [LibraryImport("libc", EntryPoint = "preadv2")]
    [SuppressGCTransition]
    private static partial nint preadv2_short(int file, Part* parts, int count, long position, int flags);

    [LibraryImport("libc")]
    private static partial nint pread(int file, byte* start, nuint length, long position);
#pragma warning restore IDE1006
}
