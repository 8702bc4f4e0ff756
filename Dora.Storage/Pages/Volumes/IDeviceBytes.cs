using Microsoft.Win32.SafeHandles;

namespace Dora.Storage.Pages.Volumes;

/// <summary>The bytes of open files.</summary>
internal interface IDeviceBytes
{
    /// <summary>Reads until the destination is full or the file ends.</summary>
    int Read(SafeFileHandle file, Span<byte> destination, long position);

    /// <summary>Writes all.</summary>
    void Write(SafeFileHandle file, ReadOnlySpan<byte> source, long position);

    /// <summary>Writes two buffers one behind the other, in one call to the disk.</summary>
    void Write(SafeFileHandle file, ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload, long position);

    /// <summary>Waits until all that was written is on the medium.</summary>
    void Flush(SafeFileHandle file);
}
