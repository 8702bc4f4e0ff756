namespace Orleans.Runtime;

/// <summary>Runs the tasks of one activation one after the other, never two at once, on the thread pool.</summary>
internal sealed class ActivationScheduler(IGrainContext context) : TaskScheduler, IThreadPoolWorkItem
{
    // Turns run back to back before other activations get the thread.
    private const int MaxTurnsAtOnce = 100;

    private readonly Queue<Task> _queue = new();
    private bool _scheduled;

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Queues a turn that is not tied to the caller's flow.</summary>
    public void Post(Action<object?> turn, object? state)
    {
        var restore = ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow();
        try
        {
            new Task(turn, state, CancellationToken.None, TaskCreationOptions.None).Start(this);
        }
        finally
        {
            restore?.Undo();
        }
    }

    public void Execute()
    {
        RuntimeContext.Current = context;
        try
        {
            for (var turn = 0; turn < MaxTurnsAtOnce && Next() is { } task; turn++)
                TryExecuteTask(task);
        }
        finally
        {
            RuntimeContext.Current = null;
        }

        lock (_queue)
        {
            _scheduled = _queue.Count > 0;
            if (_scheduled)
                ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
        }
    }

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_queue)
            return _queue.ToArray();
    }

    protected override void QueueTask(Task task)
    {
        lock (_queue)
        {
            _queue.Enqueue(task);
            if (_scheduled)
                return;
            _scheduled = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && ReferenceEquals(RuntimeContext.Current, context) && TryExecuteTask(task);

    private Task? Next()
    {
        lock (_queue)
            return _queue.TryDequeue(out var task) ? task : null;
    }
}
