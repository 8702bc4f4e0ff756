using Dora.Core.Linux;

namespace Dora.Storage.Pages.Volumes;

/// <summary>What a failure says about the disk.</summary>
internal static class DiskErrors
{
    /// <summary>Whether an exception comes from the disk at all.</summary>
    public static bool IsFromDisk(Exception e) => e is IOException or UnauthorizedAccessException;

    /// <summary>The disk or its file system is broken or gone: nothing on it can be trusted for now.</summary>
    public static bool IsBroken(Exception e) => e is IOException && Number(e) is Errno.IoError or Errno.NoSuchDeviceOrAddress or Errno.NoSuchDevice
        or Errno.ReadOnlyFileSystem or Errno.StaleHandle or Errno.NeedsCleaning;

    /// <summary>The disk is full: somebody else uses it too.</summary>
    public static bool IsFull(Exception e) => e is IOException && Number(e) is Errno.NoSpace or Errno.QuotaExceeded;

    // .NET puts the error number there, as it is or as the low half of a Windows code.
    private static int Number(Exception e) => (e.HResult & ~0xFFFF) is 0 or unchecked((int)0x80070000) ? e.HResult & 0xFFFF : 0;
}
