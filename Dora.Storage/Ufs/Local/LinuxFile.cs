using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Dora.Core.Linux;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Ufs.Local;

/// <summary>
/// The system calls that .NET does not offer: names resolved relative to an open directory, and handles that pin a file without opening it.
/// Each returns an error number instead of throwing. The constants and <c>struct statx</c> are the same on every 64-bit Linux.
/// </summary>
internal static unsafe class LinuxFile
{
    private const int OpenRead = 0;
    private const int OpenWrite = 1;
    private const int OpenCreateNew = 0x40 | 0x80;
    private const int OpenCloseOnExec = 0x80000;
    private const int OpenPath = 0x200000;
    private const int AtSymlinkNoFollow = 0x100;
    private const int AtRemoveDirectory = 0x200;
    private const int AllReadAndWrite = 0b110_110_110;
    private const int AllRights = 0b111_111_111;
    private const uint StatxBasic = 0x7ff;

    /// <summary>Pins what a path leads to: no permission to read is needed, no FIFO blocks, no device is opened.</summary>
    public static int Pin(string path, out SafeFileHandle? handle) => Own(Libc.open(path, OpenPath | OpenCloseOnExec), out handle);

    /// <summary>As <see cref="Pin(string, out SafeFileHandle?)"/>, below a pinned directory.</summary>
    public static int PinAt(SafeFileHandle directory, string path, out SafeFileHandle? handle) =>
        Own(Libc.openat(directory, path, OpenPath | OpenCloseOnExec, 0), out handle);

    /// <summary>
    /// As <see cref="PinAt"/>, and the kernel sees to it that the path does not lead out of the directory. Fails where it cannot: with absolute links, on kernels before 5.6, and where a
    /// container forbids the call.
    /// </summary>
    public static int PinBelow(SafeFileHandle directory, string path, out SafeFileHandle? handle)
    {
        var how = new OpenHow(OpenPath | OpenCloseOnExec, OpenHow.Beneath | OpenHow.NoMagicLinks);
        return Own((int)Libc.openat2(Libc.Openat2, directory, path, &how, (nuint)sizeof(OpenHow)), out handle);
    }

    /// <summary>Opens a pinned file for reading: the same file, whatever its name leads to now.</summary>
    public static int Reopen(SafeFileHandle pinned, out SafeFileHandle? handle) =>
        Own(Libc.open(DescriptorPath(pinned), OpenRead | OpenCloseOnExec), out handle);

    /// <summary>Creates a file below a pinned directory; fails when the name is taken.</summary>
    public static int CreateAt(SafeFileHandle directory, string name, out SafeFileHandle? handle)
    {
        int errno = Own(Libc.openat(directory, name, OpenWrite | OpenCreateNew | OpenCloseOnExec, AllReadAndWrite), out handle);
        if (errno == Errno.None)
        {
            ProcessUmask.Undo(DescriptorPath(handle!), (UnixFileMode)AllReadAndWrite);
        }

        return errno;
    }

    /// <summary>Makes a directory below a pinned one.</summary>
    public static int MakeDirectoryAt(SafeFileHandle directory, string name)
    {
        int errno = Result(Libc.mkdirat(directory, name, AllRights));
        if (errno == Errno.None && PinAt(directory, name, out SafeFileHandle? made) == Errno.None)
        {
            using (made)
            {
                ProcessUmask.Undo(DescriptorPath(made!), (UnixFileMode)AllRights);
            }
        }

        return errno;
    }

    public static int RenameAt(SafeFileHandle directory, string from, string to) => Result(Libc.renameat(directory, from, directory, to));

    public static int RemoveAt(SafeFileHandle directory, string name, bool isDirectory) =>
        Result(Libc.unlinkat(directory, name, isDirectory ? AtRemoveDirectory : 0));

    /// <summary>What an open or pinned handle is.</summary>
    public static int Stat(SafeFileHandle handle, out LinuxStat stat) => Stat(handle, string.Empty, Libc.AtEmptyPath, out stat);

    /// <summary>What a name in a pinned directory is; a symbolic link is itself.</summary>
    public static int StatAt(SafeFileHandle directory, string name, out LinuxStat stat) => Stat(directory, name, AtSymlinkNoFollow, out stat);

    /// <summary>The number of the file system that an open or pinned handle is on; 0 when it cannot be told.</summary>
    public static ulong FileSystem(SafeFileHandle handle)
    {
        byte* buffer = stackalloc byte[Libc.StatfsSize];
        return Libc.fstatfs(handle, buffer) == 0 ? BinaryPrimitives.ReadUInt64LittleEndian(new ReadOnlySpan<byte>(buffer, sizeof(ulong))) : 0;
    }

    /// <summary>The names in a directory as the kernel has them, bytes that need not be UTF-8, in no order.</summary>
    public static int EachName(SafeFileHandle directory, Func<ReadOnlySpan<byte>, bool> goOn)
    {
        int errno = Result(Libc.open(DescriptorPath(directory), OpenRead | OpenCloseOnExec), out int descriptor);
        if (errno != Errno.None)
        {
            return errno;
        }

        nint stream = Libc.fdopendir(descriptor);
        if (stream == 0)
        {
            errno = Marshal.GetLastPInvokeError();
            new SafeFileHandle(descriptor, ownsHandle: true).Dispose();
            return errno;
        }

        try
        {
            byte* entry;
            while ((entry = Libc.readdir(stream)) is not null && goOn(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry + Libc.DirentNameOffset)))
            {
            }

            return Errno.None;
        }
        finally
        {
            _ = Libc.closedir(stream);
        }
    }

    /// <summary>Where a pinned handle is, as an absolute path without links.</summary>
    public static string? Locate(SafeFileHandle pinned) => new FileInfo(DescriptorPath(pinned)).LinkTarget;

    /// <summary>A path that leads to the pinned file or directory in this process.</summary>
    public static string DescriptorPath(SafeFileHandle pinned) => $"/proc/self/fd/{pinned.DangerousGetHandle()}";

    private static int Stat(SafeFileHandle handle, string name, int flags, out LinuxStat stat)
    {
        byte* buffer = stackalloc byte[Libc.StatxSize];
        int errno = Result(Libc.statx(handle, name, flags, StatxBasic, buffer));
        stat = errno == Errno.None ? Parse(new ReadOnlySpan<byte>(buffer, Libc.StatxSize)) : default;
        return errno;
    }

    private static LinuxStat Parse(ReadOnlySpan<byte> statx) => new(
        Links: BinaryPrimitives.ReadUInt32LittleEndian(statx[16..]),
        Mode: BinaryPrimitives.ReadUInt16LittleEndian(statx[28..]),
        Length: BinaryPrimitives.ReadInt64LittleEndian(statx[40..]),
        Modified: Time(statx[112..]),
        Changed: Time(statx[96..]),
        ChangedNanoseconds: BinaryPrimitives.ReadUInt32LittleEndian(statx[104..]),
        Inode: BinaryPrimitives.ReadUInt64LittleEndian(statx[32..]),
        Device: BinaryPrimitives.ReadUInt64LittleEndian(statx[136..]),
        HasBlocks: BinaryPrimitives.ReadUInt64LittleEndian(statx[Libc.StatxBlocksOffset..]) != 0);

    private static DateTimeOffset Time(ReadOnlySpan<byte> timestamp)
    {
        long seconds = BinaryPrimitives.ReadInt64LittleEndian(timestamp);
        uint nanoseconds = BinaryPrimitives.ReadUInt32LittleEndian(timestamp[8..]);

        // A file system may hold any 64-bit time; the years .NET knows end at 9999.
        long clamped = Math.Clamp(seconds, DateTimeOffset.MinValue.ToUnixTimeSeconds(), DateTimeOffset.MaxValue.ToUnixTimeSeconds() - 1);
        return DateTimeOffset.FromUnixTimeSeconds(clamped).AddTicks(nanoseconds / 100);
    }

    private static int Own(int descriptor, out SafeFileHandle? handle)
    {
        handle = descriptor < 0 ? null : new SafeFileHandle(descriptor, ownsHandle: true);
        return Result(descriptor);
    }

    private static int Result(int result, out int value) => Result(value = result);

    private static int Result(int result) => result < 0 ? Marshal.GetLastPInvokeError() : Errno.None;
}
