using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Pages;

/// <summary>The disk under a page store. Failures are <see cref="IOException"/> or <see cref="UnauthorizedAccessException"/>.</summary>
internal interface IPageDevice
{
    /// <summary>Creates a file for reading and writing; fails when the name is taken.</summary>
    SafeFileHandle Create(string path);

    /// <summary>Opens a file for reading and writing.</summary>
    SafeFileHandle Open(string path);

    /// <summary>Reads until the destination is full or the file ends.</summary>
    int Read(SafeFileHandle file, Span<byte> destination, long position);

    /// <summary>Writes all.</summary>
    void Write(SafeFileHandle file, ReadOnlySpan<byte> source, long position);

    /// <summary>Cuts a file.</summary>
    void Cut(SafeFileHandle file, long length);

    /// <summary>Removes a name; open handles stay valid.</summary>
    void Delete(string path);
}
