using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Dora.Core.Linux;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Pages.Volumes;

/// <summary>The system calls of a page store that .NET does not offer. The constants and <c>struct statx</c> are the same on every 64-bit Linux.</summary>
internal static unsafe class LinuxDisk
{
    private const int SeekData = 3;

    /// <summary>Gives bytes of a file back to the file system; they read as zeros.</summary>
    /// <returns><see langword="false"/> when the file system has no holes.</returns>
    public static bool TryPunch(SafeFileHandle file, long position, long length)
    {
        while (Libc.fallocate(file, Libc.PunchHole, position, length) < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error is Errno.NotSupported or Errno.NotImplemented)
            {
                return false;
            }

            if (error != Errno.Interrupted)
            {
                throw Failed("punching a hole", error);
            }
        }

        return true;
    }

    /// <summary>Opens an open file once more, for reading only: the same file, whatever its name leads to now.</summary>
    public static SafeFileHandle OpenToRead(SafeFileHandle file)
    {
        bool isHeld = false;
        try
        {
            file.DangerousAddRef(ref isHeld);
            return File.OpenHandle($"/proc/self/fd/{file.DangerousGetHandle()}", FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        }
        finally
        {
            if (isHeld)
            {
                file.DangerousRelease();
            }
        }
    }

    /// <summary>Bytes that a file takes on disk, those not yet written back included.</summary>
    public static long AllocatedBytes(SafeFileHandle file)
    {
        byte* buffer = stackalloc byte[Libc.StatxSize];
        if (Libc.statx(file, string.Empty, Libc.AtEmptyPath, Libc.StatxBlocks, buffer) < 0)
        {
            throw Failed("asking for a file's size", Marshal.GetLastPInvokeError());
        }

        return BinaryPrimitives.ReadInt64LittleEndian(new ReadOnlySpan<byte>(buffer + Libc.StatxBlocksOffset, sizeof(long))) * Libc.StatBlock;
    }

    /// <summary>The first position at or behind one that is not in a hole; <see langword="null"/> when there is none.</summary>
    public static long? NextData(SafeFileHandle file, long position)
    {
        long found = Libc.lseek(file, position, SeekData);
        int error = found < 0 ? Marshal.GetLastPInvokeError() : 0;
        return found >= 0 ? found
            : error == Errno.NoSuchDeviceOrAddress ? null
            : error is Errno.IoError ? throw Failed("looking for data", error)
            : position;
    }

    /// <summary>Writes two buffers one behind the other, all of them.</summary>
    public static void Write(SafeFileHandle file, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, long position)
    {
        while (first.Length + second.Length > 0)
        {
            nint written = WriteSome(file, first, second, position);
            if (written < 0)
            {
                int error = Marshal.GetLastPInvokeError();
                if (error != Errno.Interrupted)
                {
                    throw Failed("writing", error);
                }

                continue;
            }

            int fromFirst = (int)Math.Min(written, first.Length);
            first = first[fromFirst..];
            second = second[((int)written - fromFirst)..];
            position += written;
        }
    }

    private static nint WriteSome(SafeFileHandle file, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, long position)
    {
        fixed (byte* a = first)
        fixed (byte* b = second)
        {
            IoVector* vectors = stackalloc IoVector[2];
            vectors[0] = new IoVector(a, (nuint)first.Length);
            vectors[1] = new IoVector(b, (nuint)second.Length);
            return Libc.pwritev(file, vectors, 2, position);
        }
    }

    private static IOException Failed(string what, int error) => new($"{what}: {Marshal.GetPInvokeErrorMessage(error)}", error);

}
