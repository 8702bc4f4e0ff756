namespace Orleans.Runtime;

/// <summary>Bridges between a grain method's return type and a task of an object.</summary>
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

    /// <summary>What the caller gets.</summary>
    public abstract object ToReturnValue(Task<object?> call);

    /// <summary>What the grain's method returned, awaited.</summary>
    public abstract ValueTask<object?> AwaitAsync(object? returned);

    private static async Task<T> ConvertAsync<T>(Task<object?> call) => (T)(await call.ConfigureAwait(false))!;

    private sealed class TaskResult : ResultAdapter
    {
        public override Type? ValueType => null;

        public override object ToReturnValue(Task<object?> call) => call;

        public override async ValueTask<object?> AwaitAsync(object? returned)
        {
            await ((Task)returned!).ConfigureAwait(true);
            return null;
        }
    }

    private sealed class ValueTaskResult : ResultAdapter
    {
        public override Type? ValueType => null;

        public override object ToReturnValue(Task<object?> call) => new ValueTask(call);

        public override async ValueTask<object?> AwaitAsync(object? returned)
        {
            await ((ValueTask)returned!).ConfigureAwait(true);
            return null;
        }
    }

    private sealed class TaskResult<T> : ResultAdapter
    {
        public override Type ValueType => typeof(T);

        public override object ToReturnValue(Task<object?> call) => ConvertAsync<T>(call);

        public override async ValueTask<object?> AwaitAsync(object? returned) => await ((Task<T>)returned!).ConfigureAwait(true);
    }

    private sealed class ValueTaskResult<T> : ResultAdapter
    {
        public override Type ValueType => typeof(T);

        public override object ToReturnValue(Task<object?> call) => new ValueTask<T>(ConvertAsync<T>(call));

        public override async ValueTask<object?> AwaitAsync(object? returned) => await ((ValueTask<T>)returned!).ConfigureAwait(true);
    }
}
