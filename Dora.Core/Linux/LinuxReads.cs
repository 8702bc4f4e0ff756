using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Dora.Core.Linux;

/// <summary>Reads of open files that do not wait for a disk, or that do. Each returns an error number instead of throwing.</summary>
internal static unsafe class LinuxReads
{
    private const int NoWait = 8;
    private const int Short = 64 * 1024;

    /// <summary>Reads what the system has in memory, without waiting for a disk. The caller holds the handle.</summary>
    /// <returns>Bytes read, or less than 0: an error number.</returns>
    public static int ReadNow(SafeFileHandle file, Span<byte> destination, long position)
    {
        fixed (byte* start = destination)
        {
            var part = new IoVector(start, (nuint)destination.Length);
            int descriptor = (int)file.DangerousGetHandle();

            // A short copy never waits, so the runtime need not be told that this thread is away.
            nint count = destination.Length <= Short
                ? Libc.preadv2_short(descriptor, &part, 1, position, NoWait)
                : Libc.preadv2(descriptor, &part, 1, position, NoWait);
            return count >= 0 ? (int)count : -Marshal.GetLastSystemError();
        }
    }

    /// <summary>Reads, and waits for the disk when it has to. The caller holds the handle.</summary>
    /// <returns>Bytes read, or less than 0: an error number.</returns>
    public static int Read(SafeFileHandle file, Span<byte> destination, long position)
    {
        fixed (byte* start = destination)
        {
            nint count;
            do
            {
                count = Libc.pread((int)file.DangerousGetHandle(), start, (nuint)destination.Length, position);
            }
            while (count < 0 && Marshal.GetLastSystemError() == Errno.Interrupted);
            return count >= 0 ? (int)count : -Marshal.GetLastSystemError();
        }
    }
}
