using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;

namespace Dora.PageChannel.Transport;

/// <summary>
/// Frames on their way out. Whoever adds the first sends, and what is added meanwhile leaves in one packet. Bounded by the requests in flight.
/// </summary>
/// <param name="transport">Where to.</param>
/// <param name="failed">Called when sending fails.</param>
internal sealed class FrameOutbox(IChannelTransport transport, Action<Exception> failed)
{
    private readonly Lock _lock = new();
    private byte[] _filling = new byte[4 * PageChannelProtocol.MaxControlFrame];
    private byte[] _sending = new byte[4 * PageChannelProtocol.MaxControlFrame];
    private int _length;
    private bool _isSending;
    private int _corkedBy;

    /// <summary>
    /// Holds back what this thread flushes until <see cref="Uncork"/>: the requests that follow one packet of replies leave in one packet too. What other
    /// threads flush meanwhile is sent.
    /// </summary>
    public void Cork() => Volatile.Write(ref _corkedBy, Environment.CurrentManagedThreadId);

    /// <summary>Whether this thread has corked it.</summary>
    public bool IsCorkedHere => Volatile.Read(ref _corkedBy) == Environment.CurrentManagedThreadId;

    /// <summary>Ends <see cref="Cork"/> and sends what was held back.</summary>
    public void Uncork()
    {
        Volatile.Write(ref _corkedBy, 0);
        Flush();
    }

    /// <summary>Adds the frame of a request.</summary>
    public void Add(in ChannelRequest request, ulong id, long membershipVersion)
    {
        lock (_lock)
        {
            _length += request.Write(Reserve(), id, membershipVersion);
        }
    }

    /// <summary>Adds a cancel.</summary>
    public void AddCancel(ulong id, long membershipVersion)
    {
        lock (_lock)
        {
            _length += FrameWriter.WriteCancel(Reserve(), id, membershipVersion);
        }
    }

    /// <summary>Sends what was added, unless somebody is at it, or a <see cref="FlushScope"/> of this thread does it later.</summary>
    public void Flush()
    {
        if (IsCorkedHere || FlushScope.TryHold(this))
        {
            return;
        }

        lock (_lock)
        {
            if (_isSending || _length == 0)
            {
                return;
            }

            _isSending = true;
        }

        _ = SendAllAsync();
    }

    private Span<byte> Reserve()
    {
        if (_filling.Length - _length < PageChannelProtocol.MaxControlFrame)
        {
            Array.Resize(ref _filling, _filling.Length * 2);
        }

        return _filling.AsSpan(_length);
    }

    private async Task SendAllAsync()
    {
        try
        {
            while (TryTake(out ReadOnlyMemory<byte> bytes))
            {
                while (!bytes.IsEmpty)
                {
                    bytes = bytes[await transport.SendAsync(bytes, CancellationToken.None).ConfigureAwait(false)..];
                }
            }
        }
        catch (Exception e) when (TransportErrors.IsEnd(e))
        {
            failed(e);
        }
    }

    private bool TryTake(out ReadOnlyMemory<byte> bytes)
    {
        lock (_lock)
        {
            bytes = _filling.AsMemory(0, _length);
            (_filling, _sending) = (_sending, _filling);
            _isSending = _length > 0;
            _length = 0;
            return _isSending;
        }
    }
}
