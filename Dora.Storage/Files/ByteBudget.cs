namespace Dora.Storage.Files;

/// <summary>A semaphore that counts bytes, first come first served: a large request is not starved by small ones. Larger than the whole counts as the whole.
/// So many may wait; who comes then is refused, or a store that hangs would fill the memory with requests whose callers have long gone.</summary>
internal sealed class ByteBudget(long capacity)
{
    /// <summary>How many requests wait at most.</summary>
    public const int MaxWaiting = 4096;

    private readonly Lock _gate = new();
    private readonly Queue<(long Bytes, TaskCompletionSource Granted)> _waiting = new();
    private readonly long _capacity = capacity;
    private long _free = capacity;
    private bool _closed;

    public long Free
    {
        get
        {
            lock (_gate)
            {
                return _free;
            }
        }
    }

    /// <summary>Completes when the bytes are granted; give the same number to <see cref="Release"/>, once.</summary>
    /// <exception cref="OperationCanceledException">The budget was closed.</exception>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Busy"/>: too many wait.</exception>
    public Task AcquireAsync(long bytes)
    {
        bytes = Math.Min(bytes, _capacity);
        lock (_gate)
        {
            if (_closed)
            {
                return Task.FromCanceled(new CancellationToken(canceled: true));
            }

            if (_waiting.Count == 0 && bytes <= _free)
            {
                _free -= bytes;
                return Task.CompletedTask;
            }

            if (_waiting.Count == MaxWaiting)
            {
                return Task.FromException(new DoraException(DoraErrorCode.Busy, $"{MaxWaiting} requests to stores wait in this worker already: try another, or later"));
            }

            var granted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Enqueue((bytes, granted));
            return granted.Task;
        }
    }

    public void Release(long bytes)
    {
        lock (_gate)
        {
            _free += Math.Min(bytes, _capacity);
            while (_waiting.TryPeek(out var next) && next.Bytes <= _free)
            {
                _waiting.Dequeue();
                _free -= next.Bytes;
                next.Granted.SetResult();
            }
        }
    }

    /// <summary>Refuses who waits and who comes.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            while (_waiting.TryDequeue(out var next))
            {
                next.Granted.SetCanceled();
            }
        }
    }
}
