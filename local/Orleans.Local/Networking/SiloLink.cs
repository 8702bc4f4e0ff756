using Orleans.Runtime.Messaging;

namespace Orleans.Runtime.Networking;

/// <summary>
/// The way to one other silo. Connects on the first frame; frames wait meanwhile (bounded). When connecting fails, the waiting frames come back and
/// so does every frame of the back-off that follows (100 ms, doubling to 2 s): callers learn at once. Frames that were sent are not watched:
/// if the silo dies, their callers' timeouts decide.
/// </summary>
internal sealed class SiloLink(SiloAddress silo, Func<Task<FrameConnection>> connect, Action<ReadOnlyMemory<byte>, Exception> undeliverable, TimeProvider time)
{
    private const int MaxWaiting = 10_000;
    private static readonly TimeSpan FirstBackOff = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastBackOff = TimeSpan.FromSeconds(2);

    private readonly Lock _lock = new();
    private List<ReadOnlyMemory<byte>> _waiting = [];
    private FrameConnection? _connection;
    private bool _connecting;
    private Exception? _refusal;
    private bool _closed;
    private int _failures;
    private long _failedAt;

    public void Send(ReadOnlyMemory<byte> frame)
    {
        if (TrySend(frame) is { } refusal) undeliverable(frame, refusal);
    }

    /// <summary>Closes for good: whatever waits, and every later frame, comes back.</summary>
    public void Close(Exception reason)
    {
        List<ReadOnlyMemory<byte>> waiting;
        FrameConnection? connection;
        lock (_lock)
        {
            _closed = true;
            _refusal = reason;
            (waiting, _waiting) = (_waiting, []);
            (connection, _connection) = (_connection, null);
        }

        connection?.Close();
        foreach (ReadOnlyMemory<byte> frame in waiting) undeliverable(frame, reason);
    }

    private Exception? TrySend(ReadOnlyMemory<byte> frame)
    {
        lock (_lock)
        {
            if (_closed) return _refusal;
            if (_connection is { } connection)
            {
                if (connection.TrySend(frame)) return null;
                if (!connection.IsClosed) return new ConnectionFailedException($"The send queue to {silo} is full.");
                _connection = null;
            }

            if (!_connecting && _failures > 0 && time.GetElapsedTime(_failedAt) < BackOff()) return _refusal;
            if (_waiting.Count >= MaxWaiting) return new ConnectionFailedException($"The send queue to {silo} is full.");
            _waiting.Add(frame);
            if (_connecting) return null;
            _connecting = true;
        }

        _ = Task.Run(ConnectAsync);
        return null;
    }

    private async Task ConnectAsync()
    {
        try
        {
            FrameConnection connection = await connect().ConfigureAwait(false);
            Adopt(connection);
            await connection.Closed.ConfigureAwait(false);
            foreach (ReadOnlyMemory<byte> frame in connection.TakeUnsent()) undeliverable(frame, new ConnectionFailedException($"The connection to {silo} was lost."));
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }

    private void Adopt(FrameConnection connection)
    {
        List<ReadOnlyMemory<byte>> refused;
        lock (_lock)
        {
            _connecting = false;
            _failures = 0;
            if (_closed)
            {
                connection.Close();
                return;
            }

            _connection = connection;
            refused = [.. _waiting.Where(frame => !connection.TrySend(frame))];
            _waiting.Clear();
        }

        foreach (ReadOnlyMemory<byte> frame in refused) undeliverable(frame, new ConnectionFailedException($"The connection to {silo} was lost."));
    }

    private void Fail(Exception reason)
    {
        List<ReadOnlyMemory<byte>> waiting;
        lock (_lock)
        {
            _connecting = false;
            _failures++;
            _failedAt = time.GetTimestamp();
            if (!_closed) _refusal = reason;
            (waiting, _waiting) = (_waiting, []);
        }

        foreach (ReadOnlyMemory<byte> frame in waiting) undeliverable(frame, reason);
    }

    private TimeSpan BackOff() => TimeSpan.FromTicks(Math.Min(FirstBackOff.Ticks << Math.Min(_failures - 1, 10), LastBackOff.Ticks));
}
