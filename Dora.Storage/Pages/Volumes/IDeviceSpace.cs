using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Pages.Volumes;

/// <summary>The room that open files take on a disk.</summary>
internal interface IDeviceSpace
{
    /// <summary>Gives bytes of a file back to the file system; they read as zeros. <see langword="false"/> when the file system has no holes.</summary>
    bool TryPunch(SafeFileHandle file, long position, long length);

    /// <summary>Bytes that a file takes on disk.</summary>
    long AllocatedBytes(SafeFileHandle file);

    /// <summary>The first position at or behind one that is not in a hole; <see langword="null"/> when there is none.</summary>
    long? NextData(SafeFileHandle file, long position);

    /// <summary>Cuts a file.</summary>
    void Cut(SafeFileHandle file, long length);
}
