namespace Dora.Storage.Pages.Eviction;

/// <summary>
/// Notices that what a cache holds is of no use any more: a new job reads a large data set, the cache is full of the last one, and no new page was ever used
/// often enough to win against an old one. When nothing that was looked at was used for a whole watch, new pages win for one turnover. Should that be of no use
/// either (a scan much larger than the cache), the next watch is twice as long, so that in the end one part of the scan stays long enough to be met again.
/// Time is counted in turnovers: a turnover has passed when as many bytes as the cache holds were put.
/// </summary>
internal sealed class ContentWatch(long turnover)
{
    /// <summary>One record in so many must have been used.</summary>
    private const int UsedShare = 256;

    private const int FirstWatch = 8;
    private const int LongestWatch = 1024;

    private long _seen;
    private long _used;
    private long _started = -1;
    private long _renewUntil;
    private int _turnovers = FirstWatch;

    /// <summary>Whether new pages win now.</summary>
    internal bool IsRenewing(long now) => now < _renewUntil;

    /// <summary>A record was looked at.</summary>
    internal void See(bool used)
    {
        _seen++;
        _used += used ? 1 : 0;
    }

    /// <summary>Goes on to a time, in bytes put.</summary>
    internal void Advance(long now)
    {
        _started = _started < 0 ? now : _started;
        long passed = now - _started;
        if (passed < _turnovers * turnover / 2)
        {
            // What came in just before the watch looks used: only the second half counts.
            (_seen, _used) = (0, 0);
        }
        else if (passed >= _turnovers * turnover)
        {
            bool alive = _used * UsedShare > _seen;
            _renewUntil = alive ? _renewUntil : now + turnover;
            _turnovers = alive ? FirstWatch : Math.Min(2 * _turnovers, LongestWatch);
            (_seen, _used, _started) = (0, 0, now);
        }
    }
}
