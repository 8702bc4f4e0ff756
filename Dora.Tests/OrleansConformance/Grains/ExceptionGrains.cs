namespace Dora.Tests.OrleansConformance.Grains;

[GenerateSerializer]
[Alias("Dora.Tests.StoreException")]
public class StoreException : Exception
{
    public StoreException()
    {
    }

    public StoreException(string message)
        : base(message)
    {
    }

    public StoreException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    [Id(0)]
    public int Code { get; init; }
}

[GenerateSerializer]
[Alias("Dora.Tests.StoreFullException")]
public sealed class StoreFullException : StoreException
{
    public StoreFullException()
    {
    }

    public StoreFullException(string message)
        : base(message)
    {
    }

    public StoreFullException(string message, Exception innerException)
        : base(message, innerException)
    {
    }

    [Id(0)]
    public string? Store { get; init; }
}

[Alias("Dora.Tests.IThrowGrain")]
public interface IThrowGrain : IConformanceGrain
{
    [Alias("Argument")]
    Task ArgumentAsync();

    [Alias("Synchronous")]
    ValueTask<int> SynchronousAsync();

    [Alias("Aggregate")]
    Task AggregateAsync();

    [Alias("Own")]
    Task OwnAsync();

    [Alias("Canceled")]
    Task CanceledAsync();

    [Alias("Through")]
    Task ThroughAsync(string other);

    [Alias("Slow")]
    [ResponseTimeout("00:00:00.500")]
    Task SlowAsync();
}

[HintedPlacement]
internal sealed class ThrowGrain : ConformanceGrain, IThrowGrain
{
    public async Task ArgumentAsync()
    {
        await Task.Yield();
        throw new ArgumentException("Outer.", "theParameter", new InvalidOperationException("Inner."));
    }

    public ValueTask<int> SynchronousAsync() => throw new FormatException("At once.");

    public Task AggregateAsync() =>
        throw new AggregateException("Two.", new InvalidOperationException("First."), new IOException("Second."));

    public async Task OwnAsync()
    {
        await Task.Yield();
        throw new StoreFullException("Full.", new IOException("No space.")) { Code = 28, Store = "pages" };
    }

    public Task CanceledAsync() => throw new OperationCanceledException("Given up.");

    public Task ThroughAsync(string other) => GrainFactory.GetGrain<IThrowGrain>(other).OwnAsync();

    public async Task SlowAsync()
    {
        await Gate.PassAsync();
        Journal.Add("finished");
    }
}
