namespace Dora.Silo.Peers;

/// <summary>
/// Bounds how often this worker asks the under stores for files that it does not own. When a worker dies the others get its readers at once and its bytes
/// not at all: without a bound the store would be asked for everything that was cached, as fast as the readers read. A token bucket kept as the time
/// at which the next request is due (the generic cell rate algorithm); who comes too early waits for a bounded time.
/// </summary>
/// <param name="perSecond">Requests per second in the long run, 1 or more.</param>
/// <param name="burst">Requests at once after a quiet time, 1 or more.</param>
/// <param name="maxWait">The longest wait; who would have to wait longer is refused.</param>
/// <param name="time">The clock.</param>
internal sealed class StoreBudget(int perSecond, int burst, TimeSpan maxWait, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly TimeSpan _interval = TimeSpan.FromSeconds(1.0 / perSecond);
    private readonly long _start = time.GetTimestamp();
    private TimeSpan _due = TimeSpan.MinValue;
    private long _refused;

    /// <summary>Requests that were refused.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Waits for the turn of one request.</summary>
    /// <returns><see langword="false"/>: too many wait, the request must not be made.</returns>
    public async ValueTask<bool> AcquireAsync(CancellationToken cancellationToken)
    {
        TimeSpan wait;
        lock (_lock)
        {
            TimeSpan now = time.GetElapsedTime(_start), earliest = now - (_interval * (burst - 1));
            TimeSpan due = _due > earliest ? _due : earliest;
            wait = due - now;
            if (wait > maxWait)
            {
                _refused++;
                return false;
            }

            _due = due + _interval;
        }

        if (wait > TimeSpan.Zero)
        {
            await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
        }

        return true;
    }
}
