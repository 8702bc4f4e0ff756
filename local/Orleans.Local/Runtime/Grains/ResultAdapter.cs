namespace Orleans.Runtime;

/// <summary>Bridges between a grain method's return type and objects.</summary>
internal abstract class ResultAdapter
{
    /// <summary>The type of the value; null for plain tasks.</summary>
    public abstract Type? ValueType { get; }

    /// <summary>The adapter of a return type; null when grain methods may not return it.</summary>
    public static ResultAdapter? For(Type returnType)
    {
        if (returnType == typeof(Task))
            return new TaskResult();
        if (returnType == typeof(ValueTask))
            return new ValueTaskResult();
        if (!returnType.IsGenericType)
            return null;
        var definition = returnType.GetGenericTypeDefinition();
        var adapter = definition == typeof(Task<>) ? typeof(TaskResult<>) : definition == typeof(ValueTask<>) ? typeof(ValueTaskResult<>) : null;
        return adapter is null ? null : (ResultAdapter)Activator.CreateInstance(adapter.MakeGenericType(returnType.GetGenericArguments()))!;
    }

    /// <summary>A call about to be made.</summary>
    public abstract CallResult NewCall();

    /// <summary>What the grain's method returned, awaited.</summary>
    public abstract ValueTask<object?> AwaitAsync(object? returned);

    private sealed class TaskResult : ResultAdapter
    {
        public override Type? ValueType => null;

        public override CallResult NewCall() => new CallResult<object?>(static task => task);

        public override async ValueTask<object?> AwaitAsync(object? returned)
        {
            await ((Task)returned!).ConfigureAwait(true);
            return null;
        }
    }

    private sealed class ValueTaskResult : ResultAdapter
    {
        public override Type? ValueType => null;

        public override CallResult NewCall() => new CallResult<object?>(static task => new ValueTask(task));

        public override async ValueTask<object?> AwaitAsync(object? returned)
        {
            await ((ValueTask)returned!).ConfigureAwait(true);
            return null;
        }
    }

    private sealed class TaskResult<T> : ResultAdapter
    {
        public override Type ValueType => typeof(T);

        public override CallResult NewCall() => new CallResult<T>(static task => task);

        public override async ValueTask<object?> AwaitAsync(object? returned) => await ((Task<T>)returned!).ConfigureAwait(true);
    }

    private sealed class ValueTaskResult<T> : ResultAdapter
    {
        public override Type ValueType => typeof(T);

        public override CallResult NewCall() => new CallResult<T>(static task => new ValueTask<T>(task));

        public override async ValueTask<object?> AwaitAsync(object? returned) => await ((ValueTask<T>)returned!).ConfigureAwait(true);
    }
}

/// <summary>The outcome of one call, as the caller awaits it. Continuations never run on the completing thread.</summary>
internal abstract class CallResult
{
    /// <summary>The task that the grain interface's method returns.</summary>
    public abstract object ReturnValue { get; }

    public abstract Task Task { get; }

    public abstract bool TrySetResult(object? value);

    public abstract bool TrySetException(Exception exception);

    public abstract bool TrySetCanceled(CancellationToken token);
}

/// <summary>A <see cref="CallResult"/> with a value.</summary>
internal sealed class CallResult<T>(Func<Task<T>, object> toReturnValue) : CallResult
{
    private readonly TaskCompletionSource<T> _source = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override object ReturnValue => toReturnValue(_source.Task);

    public override Task<T> Task => _source.Task;

    public override bool TrySetResult(object? value) => _source.TrySetResult((T)value!);

    public override bool TrySetException(Exception exception) => _source.TrySetException(exception);

    public override bool TrySetCanceled(CancellationToken token) => _source.TrySetCanceled(token);
}
