namespace Dora.Storage;

/// <summary>
/// Lets running calls finish before their owner closes, and refuses later ones: closing under a running call would lose what it writes, and in a native
/// library crash the process. The action runs once the last running call has left, which is at once when there is none.
/// </summary>
/// <param name="owner">Named in the exception of refused calls.</param>
/// <param name="drained">What to do once no call runs any more; on the thread of the last one.</param>
internal sealed class CallGate(string owner, Action? drained = null)
{
    private const long Closing = 1L << 62;
    private const long Closed = Closing >> 1;

    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _state; // running calls, plus the bits

    /// <exception cref="ObjectDisposedException">Closed, or closing.</exception>
    public Pass Enter()
    {
        if ((Interlocked.Increment(ref _state) & Closing) != 0)
        {
            Leave();
            throw new ObjectDisposedException(owner);
        }

        return new Pass(this);
    }

    /// <summary>Refuses new calls. Idempotent.</summary>
    /// <returns>Completes when the last call has left.</returns>
    public Task CloseAsync()
    {
        Interlocked.Increment(ref _state); // counts as a running call, so that the action cannot run twice
        Interlocked.Or(ref _state, Closing);
        Leave();
        return _drained.Task;
    }

    private void Leave()
    {
        // Refused callers pass through zero too: the compare-exchange lets only one of them run the action.
        if (Interlocked.Decrement(ref _state) == Closing && Interlocked.CompareExchange(ref _state, Closing | Closed, Closing) == Closing)
        {
            drained?.Invoke();
            _drained.TrySetResult();
        }
    }

    /// <summary>Leaves when disposed, once.</summary>
    public readonly struct Pass(CallGate gate) : IDisposable
    {
        public void Dispose() => gate.Leave();
    }
}
