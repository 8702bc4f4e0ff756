using Dora.Core.Linux;
using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Files;

/// <summary>
/// Reads of a file that succeed only when the system's page cache has the bytes: Linux' <c>preadv2</c> with <c>RWF_NOWAIT</c>. A thread that serves
/// many may call it, because it never waits for a disk. Where the system or the file system cannot do that, nothing counts as warm.
/// </summary>
internal static class WarmFile
{
    private static readonly bool IsLinux = OperatingSystem.IsLinux();
    private static volatile bool _isMissing;

    /// <summary>Fills the destination, or says that it cannot without waiting.</summary>
    public static bool TryRead(SafeFileHandle file, long offset, Span<byte> destination)
    {
        if (!IsLinux || _isMissing)
        {
            return false;
        }

        bool isHeld = false;
        try
        {
            file.DangerousAddRef(ref isHeld);
            int count = LinuxReads.ReadNow(file, destination, offset);
            _isMissing |= count == -Errno.NotSupported;
            return count == destination.Length;
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
}
