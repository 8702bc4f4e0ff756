using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Dora.PageChannel.Transport;

/// <summary>
/// Looks a short time for what is about to arrive before a receive loop parks, because on a fast network the answer comes sooner than a sleeping thread
/// wakes up. Polls only while polling has paid (<see cref="PollBackOff"/>), only as many threads as <see cref="PollLimit"/> allows, never while the thread
/// pool has work waiting, and lets others run between two looks. Ideas: adaptive mutexes, Linux' <c>SO_BUSY_POLL</c>. Not locked: for the receiving
/// thread. See docs/page-channel-design.md.
/// </summary>
internal sealed class SocketPoller
{
    /// <summary>The longest time that may be polled for.</summary>
    public static readonly TimeSpan MaxTime = TimeSpan.FromMilliseconds(1);

    /// <summary>The time that is polled for unless something else is said; chosen by measurement.</summary>
    public static readonly TimeSpan DefaultTime = TimeSpan.FromMicroseconds(50);

    // A bound of its own beside the time's, for clocks that stand still.
    private const int MaxLooks = 2048;
    private const int LooksPerCheck = 4;

    // Linux' SOL_SOCKET and SO_RCVLOWAT.
    private const int SocketLevel = 1;
    private const int LowWater = 18;

    // Not more than fits in the smallest receive buffer, so that the system never enlarges it for this.
    private const int QuietBytes = 64 * 1024;

    private static long _pollersMade;

    private readonly long _number = Interlocked.Increment(ref _pollersMade);
    private readonly Socket? _socket;
    private readonly TimeSpan _limit;
    private readonly TimeProvider _time;
    private readonly PollLimit _pollers;
    private readonly bool _isOn;
    private PollBackOff _backOff;
    private int _mark = 1;

    /// <summary>Makes a poller.</summary>
    /// <param name="socket">Where from. Must not be used for blocking calls. Null: never poll.</param>
    /// <param name="limit">How long one poll may take; zero: never poll.</param>
    /// <param name="time">The clock.</param>
    /// <param name="pollers">Who else may poll; null: <see cref="PollLimit.Shared"/>.</param>
    public SocketPoller(Socket? socket, TimeSpan limit, TimeProvider time, PollLimit? pollers = null)
    {
        (_socket, _limit, _time, _pollers) = (socket, limit < MaxTime ? limit : MaxTime, time, pollers ?? PollLimit.Shared);
        _isOn = socket is not null && limit > TimeSpan.Zero && _pollers.Max > 0;
        if (_isOn)
        {
            socket!.Blocking = false;
        }
    }

    /// <summary>Polls so far.</summary>
    public long Polls { get; private set; }

    /// <summary>Polls that found something.</summary>
    public long Hits { get; private set; }

    /// <summary>Receives without parking if something comes soon.</summary>
    /// <param name="room">Where to.</param>
    /// <param name="isExpected">Whether something should come soon.</param>
    /// <param name="count">Bytes received; 0: the peer has closed.</param>
    /// <returns><see langword="false"/>: nothing came; receive asynchronously.</returns>
    /// <exception cref="SocketException">The connection has failed.</exception>
    /// <exception cref="ObjectDisposedException">It was closed here.</exception>
    public bool TryReceive(Span<byte> room, bool isExpected, out int count)
    {
        count = 0;
        if (_isOn && isExpected && _backOff.TryPoll() && TryPoll(room, out count))
        {
            return true;
        }

        SetMark(1);
        return false;
    }

    /// <summary>
    /// Receives what is there of the rest of something long. It is not polled for: it comes as fast as the network carries it, and the sender may need the
    /// processor.
    /// </summary>
    /// <param name="room">Where to.</param>
    /// <param name="count">Bytes received; 0: the peer has closed.</param>
    /// <returns><see langword="false"/>: nothing is there; receive asynchronously.</returns>
    /// <exception cref="SocketException">The connection has failed.</exception>
    /// <exception cref="ObjectDisposedException">It was closed here.</exception>
    public bool TryReceiveRest(Span<byte> room, out int count)
    {
        count = 0;
        if (_mark == 1)
        {
            // The asynchronous receive looks first as well.
            return false;
        }

        if (TryLook(room, out count))
        {
            return true;
        }

        SetMark(1);
        return false;
    }

    private bool TryPoll(Span<byte> room, out int count)
    {
        count = 0;
        long start = _time.GetTimestamp();
        if (_pollers.IsCrowded(_time, start) || _pollers.IsWorkWaiting || !_pollers.TryEnter(_number, _time, start))
        {
            return false;
        }

        bool isHit;
        try
        {
            if (TryLook(room, out count))
            {
                // It was there before: that says nothing about polling.
                return true;
            }

            SetMark(QuietBytes);
            isHit = Poll(room, start, out count);
        }
        finally
        {
            _pollers.Exit();
        }

        Polls++;
        Hits += isHit ? 1 : 0;
        _backOff.Note(isHit);
        return isHit;
    }

    private bool Poll(Span<byte> room, long start, out int count)
    {
        for (int look = 1; look <= MaxLooks; look++)
        {
            Thread.Yield();
            if (TryLook(room, out count))
            {
                return true;
            }

            long now = _time.GetTimestamp();
            if (_time.GetElapsedTime(start, now) >= _limit || _pollers.IsCrowded(_time, now) || (look % LooksPerCheck == 0 && _pollers.IsWorkWaiting))
            {
                break;
            }
        }

        count = 0;
        return false;
    }

    private bool TryLook(Span<byte> room, out int count)
    {
        count = _socket!.Receive(room, SocketFlags.None, out SocketError error);
        return error == SocketError.Success || (error != SocketError.WouldBlock ? throw new SocketException((int)error) : false);
    }

    /// <summary>
    /// While it is polled, what arrives need not wake anybody: the low-water mark keeps the runtime's event thread, and the pool thread it would call,
    /// asleep. Setting it back wakes them for what has come meanwhile. It stays set from one successful poll to the next.
    /// </summary>
    private void SetMark(int bytes)
    {
        if (_mark != bytes && _socket is not null && OperatingSystem.IsLinux())
        {
            _mark = bytes;
            _socket.SetRawSocketOption(SocketLevel, LowWater, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in bytes)));
        }
    }
}
