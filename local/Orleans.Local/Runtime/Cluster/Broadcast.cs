using System.Runtime.CompilerServices;

namespace Orleans.Runtime;

/// <summary>A value and its later versions. A slow reader skips versions, it never holds up the writer.</summary>
internal sealed class Broadcast<T>(T initial)
    where T : class
{
    private volatile Node _last = new(initial);

    public T Current => _last.Value;

    /// <summary>One writer at a time.</summary>
    public void Publish(T value)
    {
        var previous = _last;
        _last = new Node(value);
        previous.Next.SetResult();
    }

    /// <summary>The current value, then each newer one.</summary>
    public async IAsyncEnumerable<T> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var node = _last;
            yield return node.Value;
            await node.Next.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private sealed record Node(T Value)
    {
        public TaskCompletionSource Next { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
