namespace Dora.Tests.Waiting;

/// <summary>Awaits a task that must end soon; the failure names what was awaited.</summary>
internal static class TaskWaiting
{
    internal static async Task Within(this Task task, string what, TimeSpan? timeout = null)
    {
        TimeSpan limit = timeout ?? Eventually.DefaultTimeout;
        using var cancel = new CancellationTokenSource();
        if (await Task.WhenAny(task, Task.Delay(limit, cancel.Token)) != task)
            throw new TimeoutException($"Not within {limit.TotalSeconds} s: {what}.");
        await cancel.CancelAsync();
        await task;
    }

    internal static async Task<T> Within<T>(this Task<T> task, string what, TimeSpan? timeout = null)
    {
        await Within((Task)task, what, timeout);
        return await task;
    }
}
