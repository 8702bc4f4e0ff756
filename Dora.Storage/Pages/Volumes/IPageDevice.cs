using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Pages.Volumes;

/// <summary>The disk under a page store. Failures are <see cref="IOException"/> (error number in <c>HResult</c>) or <see cref="UnauthorizedAccessException"/>.</summary>
internal interface IPageDevice
{
    /// <summary>Opens a file, made when missing, that no other process can open this way meanwhile.</summary>
    SafeFileHandle Lock(string path);

    /// <summary>The files of a directory.</summary>
    IReadOnlyList<string> List(string directory);

    /// <summary>Creates a file for reading and writing; fails when the name is taken.</summary>
    SafeFileHandle Create(string path);

    /// <summary>Opens a file for reading and writing.</summary>
    SafeFileHandle Open(string path);

    /// <summary>Opens an open file once more, for reading only, whether or not it has its name still.</summary>
    SafeFileHandle OpenToRead(SafeFileHandle file) => LinuxDisk.OpenToRead(file);

    /// <summary>Removes a file and its bytes, also from other processes that have it open.</summary>
    void DeleteEmptied(string path)
    {
        using SafeFileHandle file = Open(path);
        Delete(path);
        Cut(file, 0);
    }

    /// <summary>Reads until the destination is full or the file ends.</summary>
    int Read(SafeFileHandle file, Span<byte> destination, long position);

    /// <summary>Writes all.</summary>
    void Write(SafeFileHandle file, ReadOnlySpan<byte> source, long position);

    /// <summary>Writes two buffers one behind the other, in one call to the disk.</summary>
    void Write(SafeFileHandle file, ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload, long position);

    /// <summary>Gives bytes of a file back to the file system; they read as zeros. <see langword="false"/> when the file system has no holes.</summary>
    bool TryPunch(SafeFileHandle file, long position, long length);

    /// <summary>Bytes that a file takes on disk.</summary>
    long AllocatedBytes(SafeFileHandle file);

    /// <summary>The first position at or behind one that is not in a hole; <see langword="null"/> when there is none.</summary>
    long? NextData(SafeFileHandle file, long position);

    /// <summary>Waits until all that was written is on the medium.</summary>
    void Flush(SafeFileHandle file);

    /// <summary>Cuts a file.</summary>
    void Cut(SafeFileHandle file, long length);

    /// <summary>Removes a name; open handles stay valid.</summary>
    void Delete(string path);
}
