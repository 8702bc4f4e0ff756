using Dora.PageChannel.Client;

namespace Dora.Client;

/// <summary>One file of a batch: its bytes, or why there are none. Dispose it to give its memory back, once, after the last look at the bytes.</summary>
public sealed class FileContent : IDisposable
{
    private byte[]? _rented;

    internal FileContent(int index, string path, byte[] rented, int length, DateTimeOffset lastModified) =>
        (Index, Path, _rented, Length, LastModified) = (index, path, rented, length, lastModified);

    internal FileContent(int index, string path, DoraException error) => (Index, Path, Error) = (index, path, error);

    /// <summary>Its place among the paths of the batch, from 0.</summary>
    public int Index { get; }

    /// <summary>The path, as given.</summary>
    public string Path { get; }

    /// <summary>Length in bytes; 0 when there is an <see cref="Error"/>.</summary>
    public int Length { get; }

    /// <summary>The store's last-modified time of these bytes, UTC; meaningless when there is an <see cref="Error"/>.</summary>
    public DateTimeOffset LastModified { get; }

    /// <summary>Why the file could not be read; <see langword="null"/> when it was.</summary>
    public DoraException? Error { get; }

    /// <summary>The bytes of the whole file.</summary>
    /// <exception cref="DoraException">The file could not be read: <see cref="Error"/>.</exception>
    /// <exception cref="ObjectDisposedException">The content was disposed.</exception>
    public ReadOnlyMemory<byte> Bytes => Error is not null ? throw Error
        : Volatile.Read(ref _rented) is { } rented ? rented.AsMemory(0, Length)
        : throw new ObjectDisposedException(nameof(FileContent));

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _rented, null) is { Length: > 0 } rented)
        {
            ReplyBuffers.Return(rented);
        }
    }
}
