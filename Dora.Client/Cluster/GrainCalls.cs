
namespace Dora.Client.Cluster;

/// <summary>Calls of grains with one kind of failure: a <see cref="DoraException"/> that says what to do.</summary>
/// <param name="source">Where the grains are.</param>
/// <param name="limit">How long a repeatable call is tried.</param>
/// <param name="time">The clock.</param>
internal sealed class GrainCalls(IGrainSource source, TimeSpan limit, TimeProvider time)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>Calls once: for what must not happen twice.</summary>
    public Task<T> OnceAsync<T>(string what, Func<IGrainFactory, Task<T>> call, CancellationToken cancellationToken) =>
        CallAsync(what, call, TimeSpan.Zero, cancellationToken);

    /// <summary>Calls until an answer comes or the limit is over: for what may happen twice.</summary>
    public Task<T> RepeatAsync<T>(string what, Func<IGrainFactory, Task<T>> call, CancellationToken cancellationToken) =>
        CallAsync(what, call, limit, cancellationToken);

    /// <summary>Calls once, where a failure changes nothing.</summary>
    public async Task TryOnceAsync<T>(string what, Func<IGrainFactory, Task<T>> call)
    {
        try
        {
            await OnceAsync(what, call, CancellationToken.None).ConfigureAwait(false);
        }
        catch (DoraException)
        {
            // The caller has a better reason to fail.
        }
    }

    /// <summary>Throws when a reply is a failure.</summary>
    public static void Check(DoraErrorCode code, string? message, string what)
    {
        if (code != DoraErrorCode.None)
        {
            throw new DoraException(code, message ?? $"{what}: {code}");
        }
    }

    /// <summary>Whether a call failed on its way, which includes a cancellation at the other end: a silo that stops cancels the calls it is serving.</summary>
    public static bool IsFailed(Exception e, CancellationToken cancellationToken) =>
        e is TimeoutException or OrleansException || (e is OperationCanceledException && !cancellationToken.IsCancellationRequested);

    private async Task<T> CallAsync<T>(string what, Func<IGrainFactory, Task<T>> call, TimeSpan retryFor, CancellationToken cancellationToken)
    {
        IGrainFactory grains = await source.GetAsync(cancellationToken).ConfigureAwait(false);
        long start = time.GetTimestamp();
        while (true)
        {
            try
            {
                return await call(grains).WaitAsync(cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (IsFailed(e, cancellationToken))
            {
                if (time.GetElapsedTime(start) >= retryFor)
                {
                    throw new DoraException(DoraErrorCode.Unavailable, $"{what}: no worker answered ({e.GetType().Name}): try again, or see 'dora doctor'", e);
                }
            }

            await Task.Delay(Pause, time, cancellationToken).ConfigureAwait(false);
        }
    }
}
