using System.Net.Sockets;
using System.Text;
using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;

namespace Dora.PageChannel.SameHost;

/// <summary>
/// Finds out whether a worker is on this host and gives its segments away, in the background and without an error: until there is a session, and wherever
/// there is none, reads take the page channel.
/// </summary>
/// <param name="channel">The page channel to the worker.</param>
/// <param name="time">The clock.</param>
internal sealed class SameHostLink(WorkerChannel channel, TimeProvider time) : IDisposable
{
    private const int MaxReply = SameHostReply.FixedSize + SameHostReply.MaxPathBytes;
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);

    /// <summary>When a worker that does not do it is asked again: it may have been started anew, with the option.</summary>
    private static readonly TimeSpan RefusedPause = TimeSpan.FromMinutes(1);

    /// <summary>When one is asked again with which it went wrong.</summary>
    private static readonly TimeSpan FailedPause = TimeSpan.FromSeconds(0.25);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(30);

    private readonly CancellationTokenSource _stop = new();
    private volatile SameHostSession? _session;
    private TimeSpan _pause = FailedPause;
    private long _pausedAt;
    private TimeSpan _pausedFor;
    private int _isConnecting;
    private volatile bool _isElsewhere = HostIdentity.BootId is null;

    /// <summary>The session, or <see langword="null"/>: not now. Asking for it starts one when it is time.</summary>
    public SameHostSession? Session
    {
        get
        {
            SameHostSession? session = _session;
            if (session is { IsOpen: true })
            {
                return session;
            }

            if (!_isElsewhere && !channel.IsSuspect && time.GetElapsedTime(Volatile.Read(ref _pausedAt)) >= _pausedFor
                && Interlocked.Exchange(ref _isConnecting, 1) == 0)
            {
                _ = ConnectAsync();
            }

            return null;
        }
    }

    /// <summary>Closes what is open, for good.</summary>
    public void Dispose()
    {
        _isElsewhere = true;
        _stop.Cancel();
        _session?.Dispose();
    }

    private async Task ConnectAsync()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        TimeSpan pause = RefusedPause;
        try
        {
            SameHostSession? session = await TryConnectAsync().ConfigureAwait(false);
            if (session is not null)
            {
                (pause, _pause, _session) = (TimeSpan.Zero, FailedPause, session);
            }

            if (_stop.IsCancellationRequested)
            {
                session?.Dispose();
            }
        }
        catch (Exception e) when (e is SocketException or OperationCanceledException or ObjectDisposedException or ArgumentException)
        {
            // Not there in this container, not allowed, or the worker went meanwhile.
            pause = _pause;
            _pause = _pause * 2 < MaxPause ? _pause * 2 : MaxPause;
        }

        _pausedFor = pause;
        Volatile.Write(ref _pausedAt, time.GetTimestamp());
        Volatile.Write(ref _isConnecting, 0);
    }

    /// <summary>Asks the worker where to go, goes there, and shows its ticket.</summary>
    /// <returns><see langword="null"/>: the worker does not do this, or not for this host.</returns>
    private async Task<SameHostSession?> TryConnectAsync()
    {
        byte[] bytes = new byte[MaxReply];
        var request = new ChannelRequest(PageChannelOpcode.SameHost, ReadOnlyMemory<byte>.Empty, Destination: bytes);
        ChannelReply reply = await channel.SendAsync(request, 0, Timeout, _stop.Token).ConfigureAwait(false);
        if (reply.Outcome != ChannelOutcome.Answered)
        {
            throw new SocketException((int)SocketError.NotConnected);
        }

        if (!reply.IsOk || ReadPath(bytes.AsSpan(0, reply.Bytes)) is not { } path)
        {
            return null;
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            using var timeout = new CancellationTokenSource(Timeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stop.Token);
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), either.Token).ConfigureAwait(false);
            await socket.SendAsync(bytes.AsMemory(0, SameHostReply.KeySize), SocketFlags.None, either.Token).ConfigureAwait(false);
            int greeting = 0;
            while (greeting < sizeof(ulong))
            {
                int count = await socket.ReceiveAsync(bytes.AsMemory(0, sizeof(ulong) - greeting), SocketFlags.None, either.Token).ConfigureAwait(false);
                greeting += count > 0 ? count : throw new SocketException((int)SocketError.ConnectionReset);
            }

            return new SameHostSession(channel, socket, time);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private string? ReadPath(ReadOnlySpan<byte> bytes)
    {
        if (!FrameReader.ReadSameHostReply(bytes, out SameHostReply reply).IsOk)
        {
            return null;
        }

        if (!reply.BootId.SequenceEqual(HostIdentity.BootId))
        {
            // A worker does not move: this one need not be asked again.
            _isElsewhere = true;
            return null;
        }

        return Encoding.UTF8.GetString(reply.Path);
    }
}
