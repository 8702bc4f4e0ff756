namespace Dora.Storage.Pages;

/// <summary>Lets calls that change a store finish before it closes, and refuses later ones.</summary>
internal sealed class CallGate
{
    private const long Closing = 1L << 62;

    private readonly TaskCompletionSource _drained = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _state;

    /// <exception cref="ObjectDisposedException">Closed, or closing.</exception>
    public Pass Enter()
    {
        if ((Interlocked.Increment(ref _state) & Closing) != 0)
        {
            Leave();
            throw new ObjectDisposedException(nameof(SegmentPageStore));
        }

        return new Pass(this);
    }

    /// <summary>Completes when the last call has left.</summary>
    public Task CloseAsync()
    {
        if ((Interlocked.Or(ref _state, Closing) & ~Closing) == 0)
        {
            _drained.TrySetResult();
        }

        return _drained.Task;
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _state) == Closing)
        {
            _drained.TrySetResult();
        }
    }

    /// <summary>Leaves when disposed, once.</summary>
    public readonly struct Pass(CallGate gate) : IDisposable
    {
        public void Dispose() => gate.Leave();
    }
}
