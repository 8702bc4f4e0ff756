using Microsoft.Extensions.Logging;

namespace Dora.Storage.Pages.Volumes;

/// <summary>What a store does when the disk refuses writes: counts, says so once per interval, and stops trying for a moment.</summary>
internal sealed class WriteFailures(PageStoreOptions options, string directory, TimeProvider time, ILogger logger)
{
    private readonly Lock _gate = new();
    private long _count;
    private long? _lastFailure;
    private long? _lastLine;

    public long Count => Interlocked.Read(ref _count);

    /// <summary>Whether the last refusal is so recent that a put fails without trying; counts that put.</summary>
    public bool IsPaused()
    {
        lock (_gate)
        {
            bool paused = _lastFailure is { } at && time.GetElapsedTime(at) < options.FailurePause;
            _count += paused ? 1 : 0;
            return paused;
        }
    }

    public void Add(Exception reason)
    {
        lock (_gate)
        {
            _count++;
            _lastFailure = time.GetTimestamp();
            if (_lastLine is { } at && time.GetElapsedTime(at) < options.FailureLogInterval)
            {
                return;
            }

            _lastLine = _lastFailure;
        }

        logger.WriteRefused(directory, reason.Message, Count);
    }
}
