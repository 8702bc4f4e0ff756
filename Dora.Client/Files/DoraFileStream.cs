using System.Buffers;
using Dora.PageChannel.Codec;

namespace Dora.Client.Files;

/// <summary>
/// A <see cref="DoraFile"/> as a stream. Small reads are served from a buffer that one request fills; a fill that follows the one before carries the
/// sequential hint, and starts the read-ahead. Reads of at least the buffer's size go straight to the caller's memory.
/// </summary>
internal sealed class DoraFileStream(DoraFile file, int readAheadBytes) : Stream
{
    private const int BufferBytes = 256 * 1024;
    private const int CopyBytes = 1024 * 1024;

    private readonly ReadAhead _ahead = new(file, BufferBytes, readAheadBytes / BufferBytes);
    private byte[]? _buffer;
    private long _bufferStart;
    private int _buffered;
    private long _position;
    private long _sequentialAt;
    private bool _isLengthTold;
    private bool _isDisposed;

    public override bool CanRead => !_isDisposed;

    public override bool CanSeek => !_isDisposed;

    public override bool CanWrite => false;

    public override long Length
    {
        get
        {
            ThrowIfDisposed();
            _isLengthTold = true;
            return Last;
        }
    }

    public override long Position
    {
        get
        {
            ThrowIfDisposed();
            return _position;
        }

        set => Seek(value, SeekOrigin.Begin);
    }

    // Who copies the whole stream takes what comes, so that the length alone does not bind it to a version; the base class asks for it before each copy.
    private long Last => file.Now.Length;

    public override long Seek(long offset, SeekOrigin origin)
    {
        ThrowIfDisposed();
        long target = origin switch
        {
            SeekOrigin.Begin => offset,
            SeekOrigin.Current => checked(_position + offset),
            SeekOrigin.End => checked(Length + offset),
            _ => throw new ArgumentException($"'{origin}' is no origin", nameof(origin)),
        };
        return target >= 0 ? _position = target : throw new IOException("the position would lie before the start of the file");
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        ThrowIfDisposed();
        PinIfLengthIsTold();
        if (buffer.IsEmpty || _position >= Last)
        {
            return 0;
        }

        int count = TakeBuffered(buffer.Span);
        if (count > 0)
        {
            return count;
        }

        if (buffer.Length >= BufferBytes)
        {
            count = await FetchAsync(_position, buffer, cancellationToken).ConfigureAwait(false);
            _position += count;
            return count;
        }

        await FillAsync(cancellationToken).ConfigureAwait(false);
        return TakeBuffered(buffer.Span);
    }

    public override int Read(Span<byte> buffer)
    {
        ThrowIfDisposed();
        PinIfLengthIsTold();
        int count = buffer.IsEmpty ? 0 : TakeBuffered(buffer);
        if (count > 0 || buffer.IsEmpty || _position >= Last)
        {
            return count;
        }

        byte[] rented = ArrayPool<byte>.Shared.Rent(buffer.Length);
        count = ReadAsync(rented.AsMemory(0, buffer.Length), CancellationToken.None).AsTask().GetAwaiter().GetResult();
        rented.AsSpan(0, count).CopyTo(buffer);
        ArrayPool<byte>.Shared.Return(rented);
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), CancellationToken.None).AsTask().GetAwaiter().GetResult();
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken)
    {
        ValidateBufferArguments(buffer, offset, count);
        return ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();
    }

    public override void CopyTo(Stream destination, int bufferSize) => CopyToAsync(destination, bufferSize, CancellationToken.None).GetAwaiter().GetResult();

    /// <summary>Copies the rest of the file; while one piece is written, the next is fetched.</summary>
    public override async Task CopyToAsync(Stream destination, int bufferSize, CancellationToken cancellationToken)
    {
        ValidateCopyToArguments(destination, bufferSize);
        ThrowIfDisposed();
        if (_position > 0)
        {
            PinIfLengthIsTold();
        }

        byte[] filling = ArrayPool<byte>.Shared.Rent(CopyBytes), writing = ArrayPool<byte>.Shared.Rent(CopyBytes);
        Task<int> fetch = FetchAsync(_position, filling.AsMemory(0, CopyBytes), cancellationToken).AsTask();
        try
        {
            while (true)
            {
                int count = await fetch.ConfigureAwait(false);
                if (count == 0)
                {
                    return;
                }

                _position += count;
                (filling, writing) = (writing, filling);
                fetch = FetchAsync(_position, filling.AsMemory(0, CopyBytes), cancellationToken).AsTask();
                await destination.WriteAsync(writing.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            // A failed write must not leave a fetch writing to a buffer that somebody else has rented.
            await ((Task)fetch).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            ArrayPool<byte>.Shared.Return(filling);
            ArrayPool<byte>.Shared.Return(writing);
        }
    }

    public override void Flush()
    {
    }

    public override void SetLength(long value) => throw new NotSupportedException("the stream is read-only");

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("the stream is read-only");

    protected override void Dispose(bool disposing)
    {
        if (!_isDisposed && _buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = null;
            _buffered = 0;
        }

        _isDisposed = true;
        _ahead.Close();
        base.Dispose(disposing);
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        bool isForward = _position == _sequentialAt && _position > 0;
        (long start, byte[]? ahead, int there) = await _ahead.TryTakeAsync(_position, cancellationToken).ConfigureAwait(false);
        if (ahead is not null)
        {
            Swap(ahead, start, there);
            _sequentialAt = start + there;
            isForward = true;
        }
        else
        {
            await FetchBufferAsync(cancellationToken).ConfigureAwait(false);
        }

        if (isForward)
        {
            _ahead.GoOn(_bufferStart + _buffered);
        }
    }

    private void Swap(byte[] buffer, long start, int count)
    {
        if (_buffer is not null)
        {
            ArrayPool<byte>.Shared.Return(_buffer);
        }

        (_buffer, _bufferStart, _buffered) = (buffer, start, count);
        if (_isDisposed)
        {
            ArrayPool<byte>.Shared.Return(buffer);
            (_buffer, _buffered) = (null, 0);
            _ahead.Close();
            ThrowIfDisposed();
        }
    }

    private async ValueTask FetchBufferAsync(CancellationToken cancellationToken)
    {
        // Not in the field while it is filled: a stream that is disposed meanwhile must not give it to somebody else.
        byte[] buffer = _buffer ?? ArrayPool<byte>.Shared.Rent(BufferBytes);
        _buffer = null;
        _buffered = 0;
        int count;
        try
        {
            count = await FetchAsync(_position, buffer.AsMemory(0, BufferBytes), cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }

        Swap(buffer, _position, count);
    }

    private ValueTask<int> FetchAsync(long offset, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        ReadFlags hint = offset == _sequentialAt ? ReadFlags.Sequential : ReadFlags.None;
        _sequentialAt = Math.Min(offset + buffer.Length, Last);
        return file.ReadAsync(offset, buffer, hint, cancellationToken);
    }

    private int TakeBuffered(Span<byte> destination)
    {
        long skip = _position - _bufferStart;
        if (skip < 0 || skip >= _buffered)
        {
            return 0;
        }

        int count = Math.Min(destination.Length, _buffered - (int)skip);
        _buffer.AsSpan((int)skip, count).CopyTo(destination);
        _position += count;
        return count;
    }

    /// <summary>Who reads up to a length that it was told must get the bytes of the version that has it.</summary>
    private void PinIfLengthIsTold()
    {
        if (_isLengthTold)
        {
            file.Pin();
        }
    }

    private void ThrowIfDisposed() => ObjectDisposedException.ThrowIf(_isDisposed, this);
}
