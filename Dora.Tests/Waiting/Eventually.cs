using System.Diagnostics;

namespace Dora.Tests.Waiting;

/// <summary>Waits for a condition that raises no event, by looking again every few milliseconds. Where there is an event, await the event.</summary>
internal static class Eventually
{
    internal static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(10);

    internal static Task Async(Func<bool> condition, string what, TimeSpan? timeout = null) =>
        Async(() => Task.FromResult(condition()), what, timeout);

    /// <summary>An exception of the condition ends the wait: it is not taken for "not yet".</summary>
    internal static async Task Async(Func<Task<bool>> condition, string what, TimeSpan? timeout = null)
    {
        TimeSpan limit = timeout ?? DefaultTimeout;
        long start = Stopwatch.GetTimestamp();
        using var timer = new PeriodicTimer(Interval);
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > limit)
                throw new TimeoutException($"Not within {limit.TotalSeconds} s: {what}.");
            await timer.WaitForNextTickAsync();
        }
    }
}
