using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Dora.Core.Linux;

/// <summary>
/// Names in an open directory, which cannot be led elsewhere: whoever puts a symbolic link in the place of a name, of a file or of a directory on the way, changes nothing about where is written. Each
/// returns an error number instead of throwing.
/// </summary>
internal static unsafe class LinuxNames
{
    private const int ReadOnly = 0;
    private const int ReadWrite = 2;
    private const int CreateNew = 0x40 | 0x80;
    private const int NonBlocking = 0x800;
    private const int CloseOnExec = 0x80000;
    private const int AtNoFollow = 0x100;
    private const int AtRemoveDirectory = 0x200;
    private const uint StatxBasic = 0x7ff;
    private const uint NoReplace = 1;
    private const int LockAlone = 2;
    private const int LockNow = 4;

    private static readonly bool IsArm = RuntimeInformation.ProcessArchitecture == Architecture.Arm64;

    private static int DirectoryOnly => IsArm ? 0x4000 : 0x10000;

    private static int NoFollow => IsArm ? 0x8000 : 0x20000;

    /// <summary>Opens a directory that a person named: links on the way, and at its end, are theirs.</summary>
    public static int OpenDirectory(string path, out SafeFileHandle? handle) => Own(Libc.open(path, ReadOnly | DirectoryOnly | CloseOnExec), out handle);

    /// <summary>Opens a directory by its name in another; a link is refused.</summary>
    public static int OpenDirectoryAt(SafeFileHandle directory, string name, out SafeFileHandle? handle) =>
        Own(Libc.openat(directory, name, ReadOnly | DirectoryOnly | NoFollow | CloseOnExec, 0), out handle);

    public static int MakeDirectoryAt(SafeFileHandle directory, string name) => Result(Libc.mkdirat(directory, name, 0b111_111_111));

    /// <summary>Makes a file that was not there, for its user's and the umask's rights.</summary>
    public static int CreateAt(SafeFileHandle directory, string name, int mode, out SafeFileHandle? handle) =>
        Own(Libc.openat(directory, name, ReadWrite | CreateNew | NoFollow | CloseOnExec, mode), out handle);

    /// <summary>Opens a file to look at it; waits for nothing, whatever it is.</summary>
    public static int OpenAt(SafeFileHandle directory, string name, out SafeFileHandle? handle) =>
        Own(Libc.openat(directory, name, ReadOnly | NonBlocking | NoFollow | CloseOnExec, 0), out handle);

    /// <summary>Gives a file another name that was free; <see cref="Errno.Exists"/> when it is not, decided in one step.</summary>
    public static int MoveToFree(SafeFileHandle directory, string from, string to)
    {
        int errno = Result(Libc.renameat2(directory, from, directory, to, NoReplace));
        if (errno is not (Errno.InvalidArgument or Errno.NotImplemented or Errno.NotSupported))
        {
            return errno;
        }

        // A file system that cannot do that (NFS, some FUSE) can refuse a second name.
        errno = Result(Libc.linkat(directory, from, directory, to, 0));
        if (errno == Errno.None)
        {
            RemoveAt(directory, from);
        }

        return errno;
    }

    /// <summary>Gives a file another name, in the place of what has it; of a link, that is the link.</summary>
    public static int MoveOver(SafeFileHandle directory, string from, string to) => Result(Libc.renameat(directory, from, directory, to));

    public static int RemoveAt(SafeFileHandle directory, string name) => Result(Libc.unlinkat(directory, name, 0));

    public static int RemoveDirectoryAt(SafeFileHandle directory, string name) => Result(Libc.unlinkat(directory, name, AtRemoveDirectory));

    /// <summary>Takes the lock of an open file if nobody has it; it goes with the handle, also when the process dies.</summary>
    public static bool TryLock(SafeFileHandle file) => Libc.flock(file, LockAlone | LockNow) == 0;

    /// <summary>What an open handle is.</summary>
    public static int Stat(SafeFileHandle handle, out NamedFile found) => Stat(handle, string.Empty, Libc.AtEmptyPath, out found);

    /// <summary>What a name in a directory is.</summary>
    public static int StatAt(SafeFileHandle directory, string name, out NamedFile found) => Stat(directory, name, AtNoFollow, out found);

    /// <summary>The names in a directory.</summary>
    public static IEnumerable<string> List(SafeFileHandle directory) =>
        Directory.EnumerateFileSystemEntries($"/proc/self/fd/{directory.DangerousGetHandle()}").Select(static path => Path.GetFileName(path));

    private static int Stat(SafeFileHandle handle, string name, int flags, out NamedFile found)
    {
        byte* buffer = stackalloc byte[Libc.StatxSize];
        int errno = Result(Libc.statx(handle, name, flags, StatxBasic, buffer));
        found = errno == Errno.None ? Parse(new ReadOnlySpan<byte>(buffer, Libc.StatxSize)) : default;
        return errno;
    }

    private static NamedFile Parse(ReadOnlySpan<byte> statx)
    {
        long seconds = Math.Clamp(
            BinaryPrimitives.ReadInt64LittleEndian(statx[112..]), DateTimeOffset.MinValue.ToUnixTimeSeconds(), DateTimeOffset.MaxValue.ToUnixTimeSeconds() - 1);
        return new NamedFile(
            Mode: BinaryPrimitives.ReadUInt16LittleEndian(statx[28..]),
            Links: BinaryPrimitives.ReadUInt32LittleEndian(statx[16..]),
            Owner: BinaryPrimitives.ReadUInt32LittleEndian(statx[20..]),
            Inode: BinaryPrimitives.ReadUInt64LittleEndian(statx[32..]),
            Device: BinaryPrimitives.ReadUInt64LittleEndian(statx[136..]),
            Length: BinaryPrimitives.ReadInt64LittleEndian(statx[40..]),
            Modified: DateTimeOffset.FromUnixTimeSeconds(seconds).AddTicks(BinaryPrimitives.ReadUInt32LittleEndian(statx[120..]) / 100));
    }

    private static int Own(int descriptor, out SafeFileHandle? handle)
    {
        handle = descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
        return Result(descriptor);
    }

    private static int Result(int result) => result < 0 ? Marshal.GetLastPInvokeError() : Errno.None;
}
