using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Dora.Core.Linux;

/// <summary>
/// A file in memory whose bytes only system calls touch: the kernel copies them from the page cache into a socket, and what it cannot read there (a bad
/// sector, a file cut short) it answers with EFAULT, where a load from this program would be a signal that ends it. So nothing here is handed out as a span.
/// </summary>
internal sealed unsafe class MappedFile : SafeHandle
{
    private const int ReadOnly = 1;
    private const int Shared = 1;
    private const int DontWait = 0x40;
    private const int NoSignal = 0x4000;
    private const int PageSize = 4096;

    private readonly long _length;
    private volatile bool _isBroken;

    private MappedFile(nint start, long length)
        : base(0, ownsHandle: true)
    {
        _length = length;
        SetHandle(start);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Whether the kernel once could not read the bytes: from then on nothing is sent from here.</summary>
    public bool IsBroken => _isBroken;

    /// <summary>Maps the start of a file, which need not be as long yet.</summary>
    /// <param name="file">The file; may be closed afterwards.</param>
    /// <param name="length">Bytes.</param>
    /// <returns><see langword="null"/> when the system cannot, or has pages of another size.</returns>
    public static MappedFile? TryMap(SafeFileHandle file, long length)
    {
        if (!OperatingSystem.IsLinux() || Environment.SystemPageSize != PageSize)
        {
            return null;
        }

        try
        {
            nint start = Libc.mmap(null, (nuint)length, ReadOnly, Shared, file, 0);
            return start == -1 ? null : new MappedFile(start, length);
        }
        catch (ObjectDisposedException)
        {
            return null;
        }
    }

    /// <summary>Whether bytes can be sent from here without waiting for a disk: they are in the system's memory at this instant.</summary>
    public bool IsInMemory(long position, int length)
    {
        if (_isBroken || position < 0 || length > _length - position)
        {
            return false;
        }

        long first = position & -PageSize;
        int pages = (int)((position + length - first + PageSize - 1) / PageSize);
        byte* states = stackalloc byte[pages];
        bool isHeld = false;
        try
        {
            DangerousAddRef(ref isHeld);
            return Libc.mincore((byte*)handle + first, (nuint)((long)pages * PageSize), states) == 0
                && !new ReadOnlySpan<byte>(states, pages).Contains((byte)0);
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
        finally
        {
            if (isHeld)
            {
                DangerousRelease();
            }
        }
    }

    /// <summary>Sends some bytes of the caller's and bytes of the file behind them, as many as the socket takes without waiting.</summary>
    /// <param name="socket">Where to.</param>
    /// <param name="head">The caller's.</param>
    /// <param name="position">First byte of the file.</param>
    /// <param name="length">Bytes of the file, which <see cref="IsInMemory"/> has found.</param>
    /// <returns>Bytes taken, copied by then; 0: none, also when the connection has ended or the bytes cannot be read.</returns>
    public int Send(SafeSocketHandle socket, ReadOnlySpan<byte> head, long position, int length)
    {
        bool isHeld = false;
        try
        {
            DangerousAddRef(ref isHeld);
            fixed (byte* start = head)
            {
                return Send(socket, start, head.Length, (byte*)handle + position, length);
            }
        }
        catch (ObjectDisposedException)
        {
            return 0;
        }
        finally
        {
            if (isHeld)
            {
                DangerousRelease();
            }
        }
    }

    protected override bool ReleaseHandle() => Libc.munmap((void*)handle, (nuint)_length) == 0;

    private int Send(SafeSocketHandle socket, byte* head, int headLength, byte* bytes, int length)
    {
        int total = headLength + length;
        int sent = 0;
        IoVector* parts = stackalloc IoVector[2];
        while (sent < total)
        {
            int ofHead = Math.Min(sent, headLength);
            int ofBytes = sent - ofHead;
            parts[0] = new IoVector(head + ofHead, (nuint)(headLength - ofHead));
            parts[1] = new IoVector(bytes + ofBytes, (nuint)(length - ofBytes));
            var message = new SocketMessage { Parts = parts, PartCount = 2 };
            nint count = Libc.sendmsg(socket, &message, DontWait | NoSignal);
            if (count >= 0)
            {
                sent += (int)count;
                continue;
            }

            int error = Marshal.GetLastPInvokeError();
            if (error != Errno.Interrupted)
            {
                _isBroken |= error == Errno.BadAddress;
                break;
            }
        }

        return sent;
    }
}
