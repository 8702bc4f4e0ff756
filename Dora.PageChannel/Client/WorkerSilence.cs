namespace Dora.PageChannel.Client;

/// <summary>How long a worker has shown no sign of life on one connection while something was asked of it. Under the connection's lock.</summary>
/// <param name="hungAfter">The silence after which it is given up.</param>
/// <param name="time">The clock.</param>
internal sealed class WorkerSilence(TimeSpan hungAfter, TimeProvider time)
{
    // What the time between two sweeps counts for at most: longer ones mean that this process stood still, which is not the worker's silence.
    private static readonly TimeSpan MaxSweepCredit = TimeSpan.FromMilliseconds(100);

    // A worker that is silent for so long is asked for a sign of life, so that a slow answer can be told from a dead worker soon.
    private static readonly TimeSpan MaxPingAfter = TimeSpan.FromMilliseconds(100);

    private readonly TimeSpan _pingAfter = hungAfter / 2 < MaxPingAfter ? hungAfter / 2 : MaxPingAfter;
    private long _lastSweep;
    private bool _isPinged;
    private bool _isOwed;

    /// <summary>The silence.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>Whether it has lasted too long.</summary>
    public bool IsHung { get; private set; }

    /// <summary>Something is asked while nothing else is: it begins anew, unless the worker owes the answer to a cancel.</summary>
    public void NoteFirstRequest()
    {
        if (!_isOwed)
        {
            (Elapsed, _isPinged) = (TimeSpan.Zero, false);
        }
    }

    /// <summary>The worker was told of a cancel. One that lives answers this; until it does, its silence goes on although nobody waits.</summary>
    public void NoteCancel() => _isOwed = true;

    /// <summary>The worker sent something.</summary>
    public void NoteSign() => (Elapsed, _isPinged, _isOwed) = (TimeSpan.Zero, false, false);

    /// <summary>Sweeps begin.</summary>
    public void Start() => _lastSweep = time.GetTimestamp();

    /// <summary>
    /// Adds the time since the last sweep, asks for a sign of life after a part of what is allowed, and judges after all of it. A late sweep counts
    /// little: what the worker sent meanwhile may wait in this process' own queues.
    /// </summary>
    /// <returns>Whether to ping the worker now.</returns>
    public bool Count(bool isAsked)
    {
        long now = time.GetTimestamp();
        TimeSpan since = time.GetElapsedTime(_lastSweep, now);
        _lastSweep = now;
        if (!isAsked)
        {
            return false;
        }

        Elapsed += since < MaxSweepCredit ? since : MaxSweepCredit;
        if (_isPinged)
        {
            IsHung |= Elapsed >= hungAfter;
            return false;
        }

        return _isPinged = Elapsed >= _pingAfter;
    }
}
