using System.IO.MemoryMappedFiles;
using System.Net.Sockets;

namespace Dora.Benchmarks.Channel.Servers;

/// <summary>
/// A file in memory whose bytes are only ever touched by system calls: the kernel copies them from the page cache into the socket, and what it cannot read
/// there it answers with EFAULT, where a load from this program would be a signal.
/// </summary>
internal sealed unsafe class MappedBytes : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly byte* _start;

    internal MappedBytes(string path)
    {
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        _file = MemoryMappedFile.CreateFromFile(stream, null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = _file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _start);
    }

    /// <summary>Sends what the socket, which must not block, takes at once.</summary>
    /// <returns>Bytes taken: copied by then.</returns>
    internal int Send(Socket socket, long offset, int length, out SocketError error)
    {
        int sent = 0;
        do
        {
            sent += socket.Send(new ReadOnlySpan<byte>(_start + offset + sent, length - sent), SocketFlags.None, out error);
        }
        while (error == SocketError.Success && sent < length);

        return sent;
    }

    public void Dispose()
    {
        _view.SafeMemoryMappedViewHandle.ReleasePointer();
        _view.Dispose();
        _file.Dispose();
    }
}
