using System.Runtime.InteropServices;

namespace Dora.Core.Linux;

/// <summary>
/// The system calls that .NET does not offer, as the C library declares them on 64-bit Linux. Each caller wraps what it needs with the constants and
/// the meaning it has there; errors are in <see cref="Errno"/>.
/// </summary>
internal static unsafe partial class Libc
{
    /// <summary>Stands for the working directory where a call takes a directory.</summary>
    public const int CurrentDirectory = -100;

    /// <summary>The directory handle itself is meant, not a name in it.</summary>
    public const int AtEmptyPath = 0x1000;

    /// <summary>Bytes of <c>struct statx</c>.</summary>
    public const int StatxSize = 256;

    /// <summary>Asks <see cref="statx(SafeHandle, string, int, uint, byte*)"/> for the blocks on disk.</summary>
    public const uint StatxBlocks = 0x400;

    /// <summary>Where <c>struct statx</c> has the blocks on disk, of <see cref="StatBlock"/> bytes each.</summary>
    public const int StatxBlocksOffset = 48;

    /// <summary>Bytes of a block that <c>statx</c> counts.</summary>
    public const int StatBlock = 512;

    /// <summary>Room for <c>struct statfs</c>; it begins with the file system's number, 64 bits.</summary>
    public const int StatfsSize = 256;

    /// <summary>Where <c>struct dirent</c> has the name, which a NUL ends.</summary>
    public const int DirentNameOffset = 19;

    /// <summary>The number of <c>openat2</c>.</summary>
    public const int Openat2 = 437;

    /// <summary><c>FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE</c>.</summary>
    public const int PunchHole = 0x02 | 0x01;

#pragma warning disable IDE1006 // the C library's names
    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int openat(SafeHandle directory, string path, int flags, int mode);

    /// <summary><c>openat2</c>, which C libraries do not declare: <see cref="Openat2"/> is its number everywhere.</summary>
    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint openat2(nint number, SafeHandle directory, string path, OpenHow* how, nuint size);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mkdirat(SafeHandle directory, string path, int mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int renameat(SafeHandle fromDirectory, string from, SafeHandle toDirectory, string to);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int renameat2(SafeHandle fromDirectory, string from, SafeHandle toDirectory, string to, uint flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int linkat(SafeHandle fromDirectory, string from, SafeHandle toDirectory, string to, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int flock(SafeHandle file, int operation);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int unlinkat(SafeHandle directory, string path, int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int statx(SafeHandle directory, string path, int flags, uint mask, byte* status);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int statx(int directory, string path, int flags, uint mask, byte* status);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fstatfs(SafeHandle file, byte* status);

    /// <summary>The stream owns the descriptor from here on.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial nint fdopendir(int directory);

    /// <summary>0: the end, or an error.</summary>
    [LibraryImport("libc", SetLastError = true)]
    public static partial byte* readdir(nint stream);

    [LibraryImport("libc")]
    public static partial int closedir(nint stream);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fallocate(SafeHandle file, int mode, long offset, long length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial long lseek(SafeHandle file, long offset, int whence);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint pwritev(SafeHandle file, IoVector* vectors, int count, long offset);

    /// <summary>The error is in <see cref="Marshal.GetLastSystemError"/>.</summary>
    [LibraryImport("libc")]
    public static partial nint pread(int file, byte* start, nuint length, long offset);

    /// <summary>The error is in <see cref="Marshal.GetLastSystemError"/>.</summary>
    [LibraryImport("libc")]
    public static partial nint preadv2(int file, IoVector* vectors, int count, long offset, int flags);

    /// <summary>For calls that never wait and copy little: the runtime is not told that the thread is away.</summary>
    [LibraryImport("libc", EntryPoint = "preadv2")]
    [SuppressGCTransition]
    public static partial nint preadv2_short(int file, IoVector* vectors, int count, long offset, int flags);

    /// <summary>The error is the result.</summary>
    [LibraryImport("libc")]
    public static partial int posix_fadvise(SafeHandle file, long offset, long length, int advice);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint mmap(void* wanted, nuint length, int protection, int flags, SafeHandle file, long offset);

    [LibraryImport("libc")]
    public static partial int munmap(void* start, nuint length);

    [LibraryImport("libc")]
    public static partial int mincore(void* start, nuint length, byte* states);

    [LibraryImport("libc")]
    public static partial int madvise(void* start, nuint length, int advice);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint sendmsg(SafeHandle socket, SocketMessage* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint recvmsg(SafeHandle socket, SocketMessage* message, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint sendfile(SafeHandle socket, SafeHandle file, ref long offset, nuint count);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int ioctl(SafeHandle file, nuint request, int* value);

    [LibraryImport("libc")]
    public static partial uint geteuid();

    [LibraryImport("libc")]
    public static partial int umask(int mask);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fcntl(int file, int command, nint argument);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint write(SafeHandle file, byte* start, nuint length);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int poll(PollEntry* entries, nuint count, int milliseconds);
#pragma warning restore IDE1006
}
