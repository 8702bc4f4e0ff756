using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Dora.Benchmarks.Chaos;

/// <summary>What a <see cref="FaultProxy"/> does to the bytes that go through it. Swapped whole.</summary>
/// <param name="CutShare">Chance per chunk that the connection is cut instead of carrying it.</param>
/// <param name="DropShare">Chance per chunk that it is swallowed, and everything after it on this connection: the ends hear nothing more of each other.</param>
/// <param name="CorruptShare">Chance per chunk that one of its bits is flipped.</param>
/// <param name="Delay">How long every chunk is held.</param>
internal sealed record Faults(double CutShare = 0, double DropShare = 0, double CorruptShare = 0, TimeSpan Delay = default)
{
    internal static Faults None { get; } = new();
}

/// <summary>A TCP proxy on a loopback port that cuts, drops, delays and damages on request, by a seeded chance.</summary>
internal sealed class FaultProxy : IAsyncDisposable
{
    private const int ChunkBytes = 64 * 1024;

    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Socket, byte> _sockets = new();
    private readonly Lock _lock = new();
    private readonly Random _random;
    private readonly Task _accepting;
    private volatile Faults _faults = Faults.None;
    private volatile int _target;
    private long _flips;
    private long _cuts;
    private long _drops;

    internal FaultProxy(int seed)
    {
        _random = new Random(seed);
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        _listener.Listen();
        Port = ((IPEndPoint)_listener.LocalEndPoint!).Port;
        _accepting = AcceptAsync();
    }

    /// <summary>Where to connect.</summary>
    internal int Port { get; }

    /// <summary>The port behind it; may change when the server restarts.</summary>
    internal int Target
    {
        get => _target;
        set => _target = value;
    }

    /// <summary>What is done to the bytes from now on, on all connections.</summary>
    internal Faults Faults
    {
        get => _faults;
        set => _faults = value;
    }

    internal (long Cuts, long Drops, long Flips) Counts => (Interlocked.Read(ref _cuts), Interlocked.Read(ref _drops), Interlocked.Read(ref _flips));

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Dispose();
        foreach (Socket socket in _sockets.Keys)
        {
            socket.Dispose();
        }

        await _accepting;
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                _ = ServeAsync(await _listener.AcceptAsync(_stopping.Token));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The proxy is stopping; or a client left before it was served.
            }
        }
    }

    private async Task ServeAsync(Socket client)
    {
        using (client)
        using (var server = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true })
        {
            client.NoDelay = true;
            _sockets[client] = _sockets[server] = 0;
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _target, _stopping.Token);
                await Task.WhenAny(CarryAsync(client, server), CarryAsync(server, client));
            }
            catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // The server is not there: the client sees the end of its connection.
            }

            _sockets.TryRemove(client, out _);
            _sockets.TryRemove(server, out _);
        }
    }

    private async Task CarryAsync(Socket from, Socket to)
    {
        byte[] buffer = new byte[ChunkBytes];
        bool isDeaf = false;
        try
        {
            int count;
            while ((count = await from.ReceiveAsync(buffer)) > 0)
            {
                Faults faults = _faults;
                if (Happens(faults.CutShare))
                {
                    Interlocked.Increment(ref _cuts);
                    return;
                }

                if (!isDeaf && Happens(faults.DropShare))
                {
                    Interlocked.Increment(ref _drops);
                    isDeaf = true;
                }

                if (isDeaf)
                {
                    continue;
                }

                if (Happens(faults.CorruptShare))
                {
                    Interlocked.Increment(ref _flips);
                    buffer[Next(count)] ^= (byte)(1 << Next(8));
                }

                if (faults.Delay > TimeSpan.Zero)
                {
                    await Task.Delay(faults.Delay, _stopping.Token);
                }

                for (int sent = 0; sent < count;)
                {
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
                }
            }
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // One of the two ended: so does the other.
        }
    }

    private bool Happens(double share)
    {
        if (share <= 0)
        {
            return false;
        }

        lock (_lock)
        {
            return _random.NextDouble() < share;
        }
    }

    private int Next(int below)
    {
        lock (_lock)
        {
            return _random.Next(below);
        }
    }
}
