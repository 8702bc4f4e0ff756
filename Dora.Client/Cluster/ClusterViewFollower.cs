using Dora.PageChannel.Codec;
using Microsoft.Extensions.Logging;

namespace Dora.Client.Cluster;

/// <summary>
/// Keeps the client's <see cref="ClusterSnapshot"/> up to date: a long poll in the background, and at once when a worker says that it knows better.
/// Membership and mounts only move forward, whichever worker answers.
/// </summary>
/// <param name="source">Who tells the view.</param>
/// <param name="options">The clock, and how long connecting may take.</param>
/// <param name="logger">Told of changes.</param>
internal sealed class ClusterViewFollower(IViewSource source, DoraClientOptions options, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan MinPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan MaxPause = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan MaxRefreshWait = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time = options.TimeProvider;
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopping = new();
    private volatile ClusterSnapshot _current = ClusterSnapshot.Empty;
    private Task? _refresh;
    private long? _refreshedAt;
    private Task _following = Task.CompletedTask;

    /// <summary>The newest snapshot.</summary>
    public ClusterSnapshot Current => _current;

    /// <summary>The cluster's id, known after the start.</summary>
    public string ClusterId { get; private set; } = string.Empty;

    /// <summary>Called after every answer, changed or not, with the snapshot in force.</summary>
    public Action<ClusterSnapshot> Seen { get; set; } = static _ => { };

    /// <summary>Reads the first view and starts to follow.</summary>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Unavailable"/>: no answer within the limit.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        TimeSpan limit = options.Timeouts.Connect;
        long start = _time.GetTimestamp();
        while (true)
        {
            try
            {
                Apply(await source.GetAsync(cancellationToken).WaitAsync(Left(), _time, cancellationToken).ConfigureAwait(false));
                _following = FollowAsync(_stopping.Token);
                return;
            }
            catch (Exception e) when (e is DoraException { Code: DoraErrorCode.Unavailable } || GrainCalls.IsFailed(e, cancellationToken))
            {
                if (_time.GetElapsedTime(start) >= limit)
                {
                    throw ClusterConnection.Unanswered(options, e);
                }

                ClientLog.ViewFailed(logger, e);
            }

            await Task.Delay(MinPause, _time, cancellationToken).ConfigureAwait(false);
        }

        TimeSpan Left()
        {
            TimeSpan left = limit - _time.GetElapsedTime(start);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>
    /// Asks for the view now. Those who ask at the same time share one call, calls are at least 100 ms apart, and nobody waits longer than 1 s.
    /// </summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        Task refresh;
        lock (_lock)
        {
            refresh = _refresh is { IsCompleted: false } running ? running : _refresh = RefreshNowAsync();
        }

        try
        {
            await refresh.WaitAsync(MaxRefreshWait, _time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The gateway may be the very worker that does not answer: go on with what is known.
        }
    }

    /// <summary>A worker acts on this membership version: when it is newer than ours, ask for the view in the background.</summary>
    public void Hint(long membershipVersion)
    {
        if (membershipVersion > _current.MembershipVersion)
        {
            _ = RefreshAsync(CancellationToken.None);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task RefreshNowAsync()
    {
        try
        {
            // Before the call, not after it: who asks after a quiet time must not wait for nothing.
            if (_refreshedAt is { } last && _time.GetElapsedTime(last) is var since && since < MinPause)
            {
                await Task.Delay(MinPause - since, _time, _stopping.Token).ConfigureAwait(false);
            }

            _refreshedAt = _time.GetTimestamp();
            Apply(await source.GetAsync(_stopping.Token).ConfigureAwait(false));
        }
        catch (Exception e)
        {
            ClientLog.ViewFailed(logger, e);
        }
    }

    private async Task FollowAsync(CancellationToken cancellationToken)
    {
        TimeSpan pause = MinPause;
        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                ClusterSnapshot known = _current;
                if (Apply(await source.WaitForChangeAsync(known, Poll, cancellationToken).ConfigureAwait(false)))
                {
                    pause = MinPause;
                    continue;
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                // Also a cancellation at the other end: a silo that stops cancels the calls it is serving.
                ClientLog.ViewFailed(logger, e);
            }

            // Nothing new or nobody there: a stopping worker answers at once, and must not be asked in a tight loop.
            await Task.Delay(pause, _time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < MaxPause ? pause * 2 : MaxPause;
        }
    }

    /// <summary>Takes what is newer of a view.</summary>
    /// <returns>Whether something was.</returns>
    private bool Apply(ViewBody view)
    {
        ClusterSnapshot next;
        bool isNew;
        lock (_lock)
        {
            ClusterId = view.ClusterId;
            next = _current;
            if (view.MembershipVersion > next.MembershipVersion)
            {
                next = next.With(view.MembershipVersion, view.Workers);
            }

            if (view.Mounts.Version > next.Mounts.Version)
            {
                next = next.With(view.Mounts);
            }

            isNew = !ReferenceEquals(next, _current);
            _current = next;
        }

        if (isNew)
        {
            ClientLog.ViewChanged(logger, next.MembershipVersion, next.Workers.Length, next.Mounts.Version);
        }

        Seen(next);
        return isNew;
    }
}
