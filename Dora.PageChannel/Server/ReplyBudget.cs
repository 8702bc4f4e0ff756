namespace Dora.PageChannel.Server;

/// <summary>
/// The bytes that read replies may occupy at one time, over all connections. Who comes when it is spent waits in line; the line is bounded, and
/// who finds it full is told so.
/// </summary>
/// <param name="capacity">Most bytes at one time; a single reply never asks for more.</param>
/// <param name="maxWaiters">The longest line.</param>
internal sealed class ReplyBudget(long capacity, int maxWaiters)
{
    private readonly long _capacity = capacity;
    private readonly Lock _lock = new();
    private readonly LinkedList<Waiter> _line = new();
    private long _available = capacity;

    /// <summary>Bytes nobody holds.</summary>
    public long Available
    {
        get
        {
            lock (_lock)
            {
                return _available;
            }
        }
    }

    /// <summary>Takes bytes if nobody has to wait for it.</summary>
    public bool TryAcquire(int bytes)
    {
        lock (_lock)
        {
            bool fits = _line.Count == 0 && bytes <= _available;
            _available -= fits ? bytes : 0;
            return fits;
        }
    }

    /// <summary>Takes bytes, first come first served.</summary>
    /// <returns><see langword="false"/> when the line is full.</returns>
    /// <exception cref="OperationCanceledException">The wait was cancelled; nothing is taken.</exception>
    public ValueTask<bool> AcquireAsync(int bytes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, _capacity);
        Waiter waiter;
        lock (_lock)
        {
            if (_line.Count == 0 && bytes <= _available)
            {
                _available -= bytes;
                return new(true);
            }

            if (_line.Count >= maxWaiters)
            {
                return new(false);
            }

            waiter = new Waiter(bytes);
            waiter.Node = _line.AddLast(waiter);
        }

        return new(WaitAsync(waiter, cancellationToken));
    }

    /// <summary>Gives bytes back.</summary>
    public void Release(int bytes)
    {
        List<Waiter>? ready = null;
        lock (_lock)
        {
            _available += bytes;
            while (_line.First is { } first && first.Value.Bytes <= _available)
            {
                _available -= first.Value.Bytes;
                _line.RemoveFirst();
                first.Value.Node = null;
                (ready ??= []).Add(first.Value);
            }
        }

        ready?.ForEach(static waiter => waiter.Done.TrySetResult(true));
    }

    private async Task<bool> WaitAsync(Waiter waiter, CancellationToken cancellationToken)
    {
        await using (cancellationToken.UnsafeRegister(static (state, token) => ((Waiter)state!).Done.TrySetCanceled(token), waiter).ConfigureAwait(false))
        {
            try
            {
                return await waiter.Done.Task.ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                Leave(waiter);
                throw;
            }
        }
    }

    /// <summary>Leaves the line, or gives back what was granted at the moment of the cancellation.</summary>
    private void Leave(Waiter waiter)
    {
        bool granted;
        lock (_lock)
        {
            granted = waiter.Node is null;
            if (!granted)
            {
                _line.Remove(waiter.Node!);
                waiter.Node = null;
            }
        }

        // Whoever left the front of the line may have been all that held the next one up: a release of nothing looks again.
        Release(granted ? waiter.Bytes : 0);
    }

    private sealed class Waiter(int bytes)
    {
        public int Bytes { get; } = bytes;

        public TaskCompletionSource<bool> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public LinkedListNode<Waiter>? Node { get; set; }
    }
}
