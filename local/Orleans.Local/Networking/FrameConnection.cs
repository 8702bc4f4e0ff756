using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Orleans.Runtime.Networking;

/// <summary>
/// Frames over one TCP connection: four bytes length (little-endian), then that many bytes. Sending queues and never blocks; a full queue refuses.
/// A frame longer than <see cref="MaxFrameBytes"/>, or one that the receiver throws on, closes the connection.
/// </summary>
internal sealed class FrameConnection : IAsyncDisposable
{
    public const int MaxFrameBytes = 128 << 20;
    private const int MaxQueuedBytes = 256 << 20;
    private const int MaxQueuedFrames = 100_000;
    private const int BatchBytes = 64 << 10;

    private readonly Socket _socket;
    private readonly NetworkStream _stream;
    private readonly PipeReader _reader;
    private readonly Channel<ReadOnlyMemory<byte>> _outgoing = Channel.CreateBounded<ReadOnlyMemory<byte>>(new BoundedChannelOptions(MaxQueuedFrames) { SingleReader = true });
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _queuedBytes;

    public FrameConnection(Socket socket)
    {
        socket.NoDelay = true;
        _socket = socket;
        _stream = new NetworkStream(socket, ownsSocket: true);
        _reader = PipeReader.Create(_stream, new StreamPipeReaderOptions(bufferSize: BatchBytes, leaveOpen: true));
    }

    /// <summary>Completes when the connection is lost or closed; never faults.</summary>
    public Task Closed => _closed.Task;

    public bool IsClosed => _closed.Task.IsCompleted;

    /// <summary>Starts both loops. Before it, <see cref="ReadFrameAsync"/> and <see cref="WriteFrameAsync"/> serve the handshake.</summary>
    public void Start(Action<ReadOnlyMemory<byte>> onFrame)
    {
        _ = Task.Run(() => UntilFailure(SendLoopAsync));
        _ = Task.Run(() => UntilFailure(() => ReceiveLoopAsync(onFrame)));
    }

    /// <summary>False when the connection is closed or its queue is full.</summary>
    public bool TrySend(ReadOnlyMemory<byte> frame)
    {
        if (IsClosed || Interlocked.Add(ref _queuedBytes, frame.Length) > MaxQueuedBytes || !_outgoing.Writer.TryWrite(frame))
        {
            Interlocked.Add(ref _queuedBytes, -frame.Length);
            return false;
        }

        return true;
    }

    /// <summary>After the connection is closed: the frames of which no byte was sent.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> TakeUnsent()
    {
        while (_outgoing.Reader.TryRead(out ReadOnlyMemory<byte> frame)) yield return frame;
    }

    /// <summary>The next frame, null at the end of the stream.</summary>
    /// <exception cref="InvalidDataException">The frame is longer than <paramref name="maxBytes"/>.</exception>
    public async ValueTask<byte[]?> ReadFrameAsync(int maxBytes, CancellationToken cancellationToken)
    {
        while (true)
        {
            ReadResult result = await _reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            ReadOnlySequence<byte> buffer = result.Buffer;
            if (TryTakeFrame(ref buffer, maxBytes) is { } frame)
            {
                _reader.AdvanceTo(buffer.Start);
                return frame;
            }

            _reader.AdvanceTo(buffer.Start, buffer.End);
            if (result.IsCompleted) return null;
        }
    }

    public async ValueTask WriteFrameAsync(ReadOnlyMemory<byte> frame, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[4 + frame.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, frame.Length);
        frame.CopyTo(bytes.AsMemory(4));
        await _stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
    }

    public void Close()
    {
        _outgoing.Writer.TryComplete();
        _socket.Dispose();
        _closed.TrySetResult();
    }

    public ValueTask DisposeAsync()
    {
        Close();
        return ValueTask.CompletedTask;
    }

    private static byte[]? TryTakeFrame(ref ReadOnlySequence<byte> buffer, int maxBytes)
    {
        if (buffer.Length < 4) return null;
        Span<byte> prefix = stackalloc byte[4];
        buffer.Slice(0, 4).CopyTo(prefix);
        int length = BinaryPrimitives.ReadInt32LittleEndian(prefix);
        if (length < 0 || length > maxBytes) throw new InvalidDataException($"A frame of {length} bytes exceeds the limit of {maxBytes}.");
        if (buffer.Length < 4 + (long)length) return null;
        byte[] frame = buffer.Slice(4, length).ToArray();
        buffer = buffer.Slice(4 + (long)length);
        return frame;
    }

    private async Task UntilFailure(Func<Task> loop)
    {
        try
        {
            await loop().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // Whatever broke the stream, or the other end's rules, ends this connection and nothing else.
        }

        Close();
    }

    private async Task ReceiveLoopAsync(Action<ReadOnlyMemory<byte>> onFrame)
    {
        while (await ReadFrameAsync(MaxFrameBytes, CancellationToken.None).ConfigureAwait(false) is { } frame) onFrame(frame);
    }

    /// <summary>Small frames that are waiting leave in one packet.</summary>
    private async Task SendLoopAsync()
    {
        byte[] batch = new byte[BatchBytes];
        ChannelReader<ReadOnlyMemory<byte>> waiting = _outgoing.Reader;
        while (await waiting.WaitToReadAsync().ConfigureAwait(false))
        {
            int used = 0;
            while (waiting.TryRead(out ReadOnlyMemory<byte> frame))
            {
                Interlocked.Add(ref _queuedBytes, -frame.Length);
                if (used + 4 + frame.Length > BatchBytes && used > 0)
                {
                    await _stream.WriteAsync(batch.AsMemory(0, used)).ConfigureAwait(false);
                    used = 0;
                }

                BinaryPrimitives.WriteInt32LittleEndian(batch.AsSpan(used), frame.Length);
                used += 4;
                if (used + frame.Length <= BatchBytes)
                {
                    frame.CopyTo(batch.AsMemory(used));
                    used += frame.Length;
                    continue;
                }

                await _stream.WriteAsync(batch.AsMemory(0, used)).ConfigureAwait(false);
                await _stream.WriteAsync(frame).ConfigureAwait(false);
                used = 0;
            }

            if (used > 0) await _stream.WriteAsync(batch.AsMemory(0, used)).ConfigureAwait(false);
        }
    }
}
