using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Pages.Volumes;

/// <summary>The system calls of a page store that .NET does not offer. The constants and <c>struct statx</c> are the same on every 64-bit Linux.</summary>
internal static unsafe partial class LinuxDisk
{
    public const int NoSuchDevice = 6;
    public const int IoError = 5;
    public const int DeviceGone = 19;
    public const int NoSpace = 28;
    public const int ReadOnly = 30;
    public const int StaleHandle = 116;
    public const int NeedsCleaning = 117;
    public const int QuotaExceeded = 122;

    private const int PunchHole = 0x02;
    private const int KeepSize = 0x01;
    private const int SeekData = 3;
    private const int NoSuchData = 6;
    private const int OperationNotSupported = 95;
    private const int NotImplemented = 38;
    private const int Interrupted = 4;
    private const int AtEmptyPath = 0x1000;
    private const uint StatxBlocks = 0x400;
    private const int StatxSize = 256;
    private const int StatBlock = 512;

    /// <summary>Gives bytes of a file back to the file system; they read as zeros.</summary>
    /// <returns><see langword="false"/> when the file system has no holes.</returns>
    public static bool TryPunch(SafeFileHandle file, long position, long length)
    {
        while (fallocate(file, PunchHole | KeepSize, position, length) < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error is OperationNotSupported or NotImplemented)
            {
                return false;
            }

            if (error != Interrupted)
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
        byte* buffer = stackalloc byte[StatxSize];
        if (statx(file, string.Empty, AtEmptyPath, StatxBlocks, buffer) < 0)
        {
            throw Failed("asking for a file's size", Marshal.GetLastPInvokeError());
        }

        return BinaryPrimitives.ReadInt64LittleEndian(new ReadOnlySpan<byte>(buffer + 48, sizeof(long))) * StatBlock;
    }

    /// <summary>The first position at or behind one that is not in a hole; <see langword="null"/> when there is none.</summary>
    public static long? NextData(SafeFileHandle file, long position)
    {
        long found = lseek(file, position, SeekData);
        int error = found < 0 ? Marshal.GetLastPInvokeError() : 0;
        return found >= 0 ? found
            : error == NoSuchData ? null
            : error is IoError ? throw Failed("looking for data", error)
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
                if (error != Interrupted)
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
            vectors[0] = new IoVector((nint)a, (nuint)first.Length);
            vectors[1] = new IoVector((nint)b, (nuint)second.Length);
            return pwritev(file, vectors, 2, position);
        }
    }

    private static IOException Failed(string what, int error) => new($"{what}: {Marshal.GetPInvokeErrorMessage(error)}", error);

    private readonly record struct IoVector(nint Start, nuint Length);

#pragma warning disable IDE1006 // the C library's names
    [LibraryImport("libc", SetLastError = true)]
    private static partial int fallocate(SafeFileHandle file, int mode, long offset, long length);

    [LibraryImport("libc", SetLastError = true)]
    private static partial long lseek(SafeFileHandle file, long offset, int whence);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint pwritev(SafeFileHandle file, IoVector* vectors, int count, long offset);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int statx(SafeFileHandle directory, string path, int flags, uint mask, byte* buffer);
#pragma warning restore IDE1006
}
