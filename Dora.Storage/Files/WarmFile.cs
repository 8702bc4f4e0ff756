using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Files;

/// <summary>
/// Reads of a file that succeed only when the system's page cache has the bytes: Linux' <c>preadv2</c> with <c>RWF_NOWAIT</c>. A thread that serves
/// many may call it, because it never waits for a disk. Where the system or the file system cannot do that, nothing counts as warm.
/// </summary>
internal static partial class WarmFile
{
    private const int NoWait = 8;
    private const int Unsupported = 95;

    private static readonly bool IsLinux = OperatingSystem.IsLinux();
    private static volatile bool _isMissing;

    /// <summary>Fills the destination, or says that it cannot without waiting.</summary>
    public static unsafe bool TryRead(SafeFileHandle file, long offset, Span<byte> destination)
    {
        if (!IsLinux || _isMissing)
        {
            return false;
        }

        bool isHeld = false;
        try
        {
            file.DangerousAddRef(ref isHeld);
            fixed (byte* start = destination)
            {
                var part = new Part(start, (nuint)destination.Length);
                nint count = PreadV2((int)file.DangerousGetHandle(), &part, 1, offset, NoWait);
                _isMissing |= count < 0 && Marshal.GetLastSystemError() == Unsupported;
                return count == destination.Length;
            }
        }
        catch (EntryPointNotFoundException)
        {
            _isMissing = true;
            return false;
        }
        finally
        {
            if (isHeld)
            {
                file.DangerousRelease();
            }
        }
    }

    // Never waits, so the runtime need not be told that this thread is away.
    [LibraryImport("libc", EntryPoint = "preadv2")]
    [SuppressGCTransition]
    private static unsafe partial nint PreadV2(int file, Part* parts, int count, long offset, int flags);

    private readonly unsafe struct Part(byte* start, nuint length)
    {
        public readonly byte* Start = start;
        public readonly nuint Length = length;
    }
}
