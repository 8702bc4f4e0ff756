namespace Dora.Storage.Pages.Volumes;

/// <summary>Whether a directory can be used, and when a broken one is tried again.</summary>
internal sealed class VolumeHealth(TimeProvider time, PageStoreOptions options)
{
    private static readonly TimeSpan MaxPause = TimeSpan.FromMinutes(5);

    /// <summary>After so long without an error the next one is a first one again.</summary>
    private static readonly TimeSpan Forget = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private TimeSpan _pause = options.ProbePause;
    private long _since;
    private bool _broken;
    private bool _closed;
    private long _quarantines;

    /// <summary>Whether its pages may be read and written.</summary>
    public bool IsGood => !Volatile.Read(ref _broken) && !Volatile.Read(ref _closed);

    public bool IsQuarantined => Volatile.Read(ref _broken);

    /// <summary>How often it broke since start.</summary>
    public long Quarantines => Interlocked.Read(ref _quarantines);

    /// <summary>It broke. <see langword="false"/> when that was known.</summary>
    public bool TryBreak()
    {
        lock (_gate)
        {
            if (_broken || _closed)
            {
                return false;
            }

            bool again = _quarantines > 0 && time.GetElapsedTime(_since) < Forget;
            _pause = again ? Min(_pause * 2, MaxPause) : options.ProbePause;
            _since = time.GetTimestamp();
            _quarantines++;
            Volatile.Write(ref _broken, true);
            return true;
        }
    }

    /// <summary>Whether a broken one is to be tried now.</summary>
    public bool IsProbeDue()
    {
        lock (_gate)
        {
            return _broken && !_closed && time.GetElapsedTime(_since) >= _pause;
        }
    }

    /// <summary>The try failed: the next one comes later.</summary>
    public void StillBroken()
    {
        lock (_gate)
        {
            _pause = Min(_pause * 2, MaxPause);
            _since = time.GetTimestamp();
        }
    }

    /// <summary>The try went well.</summary>
    public void Restore()
    {
        lock (_gate)
        {
            _since = time.GetTimestamp();
            Volatile.Write(ref _broken, false);
        }
    }

    /// <summary>Nothing is given back or removed from here on.</summary>
    public void Close() => Volatile.Write(ref _closed, true);

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
