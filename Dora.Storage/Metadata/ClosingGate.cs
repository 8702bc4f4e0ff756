namespace Dora.Storage.Metadata;

/// <summary>
/// Lets calls into a native library finish before it is closed: closing under a running call or a live iterator would crash the process.
/// <see cref="Close"/> refuses new calls and runs the action once the last running one has left, which is at once when there is none.
/// </summary>
internal sealed class ClosingGate(Action close)
{
    private const long Closing = 1L << 62;
    private long _state; // running calls, plus the bit

    /// <exception cref="ObjectDisposedException">Closed, or closing.</exception>
    public Pass Enter()
    {
        if ((Interlocked.Increment(ref _state) & Closing) != 0)
        {
            Leave();
            throw new ObjectDisposedException(nameof(RocksMetadataStore));
        }

        return new Pass(this);
    }

    /// <summary>Idempotent.</summary>
    public void Close()
    {
        Interlocked.Increment(ref _state); // counts as a running call, so that the action cannot run twice
        Interlocked.Or(ref _state, Closing);
        Leave();
    }

    private void Leave()
    {
        // Refused callers pass through zero too: the compare-exchange lets only one of them run the action.
        if (Interlocked.Decrement(ref _state) == Closing && Interlocked.CompareExchange(ref _state, Closing | (Closing >> 1), Closing) == Closing)
        {
            close();
        }
    }

    /// <summary>Leaves when disposed, once.</summary>
    public readonly struct Pass(ClosingGate gate) : IDisposable
    {
        public void Dispose() => gate.Leave();
    }
}
