using System.Runtime.CompilerServices;
using Dora.PageChannel.Codec;
using Dora.PageChannel.SameHost;
using Microsoft.Extensions.Logging;

namespace Dora.PageChannel.Client;

/// <summary>
/// Everything this process has to do with one worker: a few connections, made when first needed, and whether the worker is under suspicion. A
/// suspect is skipped by routing while another worker can answer, and tried in the background until it answers a ping.
/// </summary>
internal sealed class WorkerChannel : IAsyncDisposable
{
    private const int SmallRead = 32 * 1024;
    private const int MediumRead = 128 * 1024;

    // What one connection may owe before a read of medium size goes over the next one.
    private const int OwedTogether = 256 * 1024;

    private readonly ChannelOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ConnectionSlot[] _slots;
    private readonly CancellationTokenSource _retiring = new();
    private readonly CancellationToken _retired;
    private uint _next;
    private Suspicion? _suspicion;

    public WorkerChannel(WorkerInfo worker, ChannelOptions options, PageChannelConnector connector, TimeProvider time, ILogger logger)
    {
        (Worker, _options, _time, _logger) = (worker, options, time, logger);
        _retired = _retiring.Token;
        SameHost = options.UseSameHost ? new SameHostLink(this, time) : null;
        _slots = [.. Enumerable.Range(0, options.ConnectionsPerWorker).Select(_ => new ConnectionSlot(() => connector.ConnectAsync(worker, _retired)))];
    }

    /// <summary>The worker.</summary>
    public WorkerInfo Worker { get; }

    /// <summary>The way to the worker's segments when it runs on this host; <see langword="null"/>: not looked for.</summary>
    public SameHostLink? SameHost { get; }

    /// <summary>Whether the last thing known of the worker is that it did not answer.</summary>
    public bool IsSuspect => Volatile.Read(ref _suspicion) is not null;

    /// <summary>How long the worker has been a suspect; zero when it is none.</summary>
    public TimeSpan SuspectFor => Volatile.Read(ref _suspicion) is { } suspicion ? _time.GetElapsedTime(suspicion.Since) : TimeSpan.Zero;

    /// <summary>What is known of its latency.</summary>
    public WorkerLatency Latency { get; } = new();

    /// <summary>Requests to it that are not answered yet, about.</summary>
    public int Load
    {
        get
        {
            int load = 0;
            foreach (ConnectionSlot slot in _slots)
            {
                load += slot.Open?.Load ?? 0;
            }

            return load;
        }
    }

    /// <summary>The worker itself when it runs in this process, else <see langword="null"/>.</summary>
    public ILocalWorker? Local => _options.LocalWorkers?.Find(Worker);

    /// <summary>Open connections.</summary>
    public int OpenConnections => _slots.Count(static s => s.Open is not null);

    /// <summary>Whether a connection leads to this worker.</summary>
    public bool Owns(PageChannelConnection connection) => Array.Exists(_slots, s => s.Open == connection);

    /// <summary>
    /// Sends a request. A read longer than the worker grants is cut to what it grants. A connection that turns out to have ended is replaced once,
    /// so that a restarted worker, or one that closed an idle connection, costs nothing but the reconnect. The timeout is for all of that together.
    /// </summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<ChannelReply> SendAsync(ChannelRequest request, long membershipVersion, TimeSpan timeout, CancellationToken cancellationToken)
    {
        ChannelReply reply = ChannelReply.TimedOut;
        long start = _time.GetTimestamp();
        TimeSpan left = timeout;
        for (int attempt = 0; attempt < 2 && left > TimeSpan.Zero; attempt++, left = timeout - _time.GetElapsedTime(start))
        {
            ConnectionSlot slot = Choose(request);
            PageChannelConnection? connection = slot.Open;
            long sent = start;
            if (connection is null)
            {
                if (_retired.IsCancellationRequested)
                {
                    return ChannelReply.Lost("the worker left the cluster, or the client was closed");
                }

                ConnectResult connected = await ConnectAsync(slot, left, cancellationToken).ConfigureAwait(false);
                left = timeout - _time.GetElapsedTime(start);
                if (connected.Connection is null)
                {
                    reply = connected.IsTimeout
                        ? ChannelReply.TimedOut with { Message = connected.Error }
                        : ChannelReply.NotConnected(connected.Status, connected.Error!);
                    break;
                }

                connection = connected.Connection;
                sent = _time.GetTimestamp();
            }

            if (request.Opcode == PageChannelOpcode.ReadFile && connection.Version < PageChannelProtocol.ReadFileVersion)
            {
                // An older worker: a stat, and no bytes yet.
                request = request with
                {
                    Opcode = PageChannelOpcode.Stat,
                    Flags = (ushort)(request.Flags & (ushort)StatFlags.Failover),
                    Destination = default,
                    MaxLength = 0,
                    Memory = ReplyMemory.Caller,
                };
            }

            if (connection.Version < FirstVersion(request))
            {
                return new ChannelReply(ChannelOutcome.Answered, PageChannelStatus.NotSupported);
            }

            reply = await connection.SendAsync(
                request.Wanted > connection.MaxReadLength ? request.Cut(connection.MaxReadLength) : request,
                membershipVersion,
                left,
                cancellationToken).ConfigureAwait(false);
            if (reply.Outcome == ChannelOutcome.Answered)
            {
                Latency.Note(request, _time.GetElapsedTime(sent));
                return Verify(reply, request, connection.MaxReadLength);
            }

            if (reply.Outcome == ChannelOutcome.TimedOut)
            {
                if (Lives(connection, request, sent, left))
                {
                    return reply;
                }

                break;
            }
        }

        Suspect(reply);
        return reply;
    }

    /// <summary>
    /// Waits for a worker that fell silent to show that it lives, for a time that counts from the suspicion on: however many wait, a dead worker costs it
    /// once. Not for one whose connection was refused or lost.
    /// </summary>
    /// <returns>Whether it is no suspect, or no more.</returns>
    public async ValueTask<bool> RecoversAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _suspicion) is not { } suspicion)
        {
            return true;
        }

        TimeSpan left = within - _time.GetElapsedTime(suspicion.Since);
        if (suspicion.IsSilent && left > TimeSpan.Zero)
        {
            try
            {
                await suspicion.Ended.Task.WaitAsync(left, _time, cancellationToken).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // It did not.
            }
        }

        return !IsSuspect;
    }

    /// <summary>
    /// Sends a request over a connection that is open, without a state machine: for who has many on their way at a time and ends each with <see cref="End"/>.
    /// </summary>
    /// <returns><see langword="false"/>: nothing was sent; take <see cref="SendAsync"/>.</returns>
    public bool TrySend(in ChannelRequest request, long membershipVersion, TimeSpan timeout, CancellationToken cancellationToken, out SentRequest sent)
    {
        sent = default;
        if (Choose(request).Open is not { } connection || connection.Version < PageChannelProtocol.ReadFileVersion)
        {
            return false;
        }

        ChannelRequest cut = request.Wanted > connection.MaxReadLength ? request.Cut(connection.MaxReadLength) : request;
        long now = _time.GetTimestamp();
        sent = new SentRequest(this, connection, cut, membershipVersion, now, timeout, connection.SendAsync(cut, membershipVersion, timeout, cancellationToken));
        return true;
    }

    /// <summary>Learns from the reply to <see cref="TrySend"/>.</summary>
    /// <returns>The reply, checked.</returns>
    public ChannelReply End(in SentRequest sent, in ChannelReply reply)
    {
        if (reply.Outcome == ChannelOutcome.Answered)
        {
            Latency.Note(sent.Request, _time.GetElapsedTime(sent.StartedAt));
            return Verify(reply, sent.Request, sent.Connection.MaxReadLength);
        }

        if (reply.Outcome == ChannelOutcome.TimedOut && !Lives(sent.Connection, sent.Request, sent.StartedAt, sent.Timeout))
        {
            Suspect(reply);
        }

        return reply;
    }

    /// <summary>The worker left the cluster: requests in flight may end, nothing new starts.</summary>
    public void Retire()
    {
        _retiring.Cancel();
        SameHost?.Dispose();
        foreach (ConnectionSlot slot in _slots)
        {
            slot.Retire();
        }
    }

    /// <summary>Closes at once.</summary>
    public async ValueTask DisposeAsync()
    {
        await _retiring.CancelAsync().ConfigureAwait(false);
        SameHost?.Dispose();
        foreach (ConnectionSlot slot in _slots)
        {
            await slot.CloseAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The version from which on a worker can be sent a request that nothing older stands in for.</summary>
    private static ushort FirstVersion(in ChannelRequest request) => request.Opcode switch
    {
        PageChannelOpcode.Locate or PageChannelOpcode.SameHost => PageChannelProtocol.SameHostVersion,
        PageChannelOpcode.Known => (KnownFlags)request.Flags == KnownFlags.Held ? PageChannelProtocol.HeldVersion : PageChannelProtocol.KnownVersion,
        PageChannelOpcode.List or PageChannelOpcode.View => PageChannelProtocol.ListVersion,
        _ => PageChannelProtocol.MinVersion,
    };

    /// <summary>
    /// A reader asks for bytes that its file has: fewer than asked for are a defect of the worker, not the end of the file. Only who asks for what is
    /// cached may get less.
    /// </summary>
    private ChannelReply Verify(in ChannelReply reply, in ChannelRequest request, int maxReadLength)
    {
        if (((ReadFlags)request.Flags).HasFlag(ReadFlags.CachedOnly))
        {
            return reply;
        }

        long asked = Math.Min(request.Wanted, maxReadLength);
        asked = request.Opcode == PageChannelOpcode.ReadFile ? Math.Min(asked, reply.Stat.Length) : asked;
        return !reply.IsOk || request.Opcode is not (PageChannelOpcode.Read or PageChannelOpcode.ReadFile) || reply.Bytes == asked
            ? reply
            : reply with { Status = PageChannelStatus.Damaged, Message = $"worker {Worker.Id} gave {reply.Bytes} of {asked} bytes: see its log" };
    }

    /// <summary>Whether a worker that was late lives all the same: it answered others, or a ping, and only this answer is slow.</summary>
    private bool Lives(PageChannelConnection connection, in ChannelRequest request, long sentAt, TimeSpan timeout)
    {
        Latency.Note(request, _time.GetElapsedTime(sentAt));
        TimeSpan limit = request.SilentAfter > TimeSpan.Zero && request.SilentAfter < timeout ? request.SilentAfter : timeout;
        return connection.IsOpen && connection.Silence < limit * PageChannelConnection.SilentShare;
    }

    private async ValueTask<ConnectResult> ConnectAsync(ConnectionSlot slot, TimeSpan limit, CancellationToken cancellationToken)
    {
        try
        {
            return await slot.ConnectAsync().WaitAsync(limit, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return new ConnectResult(null, default, "connect took longer than the request may", IsTimeout: true);
        }
    }

    /// <summary>
    /// For a small request the connection whose replies this thread is answering, so that what follows them leaves in one packet, else each of the first
    /// half in turn. For a read of medium size the first connection that owes little: few of them go on without any hand-over when they share one. For a
    /// large read the connection that owes the least, so that their bytes come over several at a time.
    /// </summary>
    private ConnectionSlot Choose(in ChannelRequest request)
    {
        int bytes = request.Destination.Length;
        return bytes < SmallRead ? ChooseForSmall() : ChooseForLarge(bytes <= MediumRead ? OwedTogether - bytes : -1);
    }

    private ConnectionSlot ChooseForSmall()
    {
        foreach (ConnectionSlot slot in _slots)
        {
            if (slot.Open is { IsReceivingHere: true })
            {
                return slot;
            }
        }

        uint half = (uint)(_slots.Length + 1) / 2;
        return _slots[Interlocked.Increment(ref _next) % half];
    }

    private ConnectionSlot ChooseForLarge(long littleOwed)
    {
        ConnectionSlot chosen = _slots[0];
        long least = long.MaxValue;
        foreach (ConnectionSlot slot in _slots)
        {
            long owed = slot.Open?.Owed ?? 0;
            if (owed <= littleOwed)
            {
                return slot;
            }

            (chosen, least) = owed < least ? (slot, owed) : (chosen, least);
        }

        return chosen;
    }

    private void Suspect(in ChannelReply reply)
    {
        var suspicion = new Suspicion(_time.GetTimestamp(), IsSilent: reply.Outcome == ChannelOutcome.TimedOut);
        if (_retired.IsCancellationRequested || Interlocked.CompareExchange(ref _suspicion, suspicion, null) is not null)
        {
            return;
        }

        ChannelClientLog.WorkerSuspected(_logger, Worker.Id, reply.Message ?? "no answer");
        _ = ProbeAsync();
    }

    /// <summary>Tries the worker in the background, with growing pauses, until it answers or leaves the cluster.</summary>
    private async Task ProbeAsync()
    {
        TimeSpan pause = _options.ProbeDelay;
        try
        {
            while (true)
            {
                await Task.Delay(pause, _time, _retired).ConfigureAwait(false);
                ConnectionSlot slot = _slots[0];
                PageChannelConnection? connection = slot.Open ?? (await slot.ConnectAsync().ConfigureAwait(false)).Connection;
                if (connection is not null
                    && (await connection.SendAsync(ChannelRequest.Ping, 0, _options.ConnectTimeout, _retired).ConfigureAwait(false)).IsOk)
                {
                    Interlocked.Exchange(ref _suspicion, null)?.Ended.TrySetResult();
                    ChannelClientLog.WorkerRecovered(_logger, Worker.Id);
                    return;
                }

                pause = pause * 2 < _options.MaxProbeDelay ? pause * 2 : _options.MaxProbeDelay;
            }
        }
        catch (OperationCanceledException)
        {
            // The worker left the cluster, or the client was closed.
        }
    }

    /// <summary>Why and since when the worker is a suspect.</summary>
    private sealed record Suspicion(long Since, bool IsSilent)
    {
        public TaskCompletionSource Ended { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
