namespace Dora.Tests.OrleansConformance.Grains;

[Alias("Dora.Tests.IFilteredGrain")]
public interface IFilteredGrain : IConformanceGrain
{
    [Alias("Greet")]
    Task<string> GreetAsync(string name);

    [Alias("Fail")]
    Task FailAsync();

    [Alias("Refused")]
    Task<string> RefusedAsync();

    /// <summary>Calls another grain from this one.</summary>
    [Alias("GreetThrough")]
    Task<string> GreetThroughAsync(string other);
}

[HintedPlacement]
internal sealed class FilteredGrain : ConformanceGrain, IFilteredGrain
{
    public Task<string> GreetAsync(string name)
    {
        Journal.Add("grain");
        return Task.FromResult($"hello {name}");
    }

    public Task FailAsync()
    {
        Journal.Add("grain");
        throw new StoreException("Failed.") { Code = 5 };
    }

    public Task<string> RefusedAsync()
    {
        Journal.Add("grain");
        return Task.FromResult("never");
    }

    public Task<string> GreetThroughAsync(string other) => GrainFactory.GetGrain<IFilteredGrain>(other).GreetAsync(Key);
}

/// <summary>Registered first: runs around the other one.</summary>
internal sealed class OuterIncomingFilter(SiloStamp stamp) : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.Grain is not FilteredGrain grain || context.MethodName == nameof(IConformanceGrain.WhereAsync))
        {
            await context.Invoke();
            return;
        }

        var journal = Journal.Of(grain.GetPrimaryKeyString());
        Assert.Same(grain.GrainContext, context.TargetContext);
        Assert.Equal(grain.GetGrainId(), context.TargetId);
        Assert.Equal(grain.GrainContext.Address.SiloAddress, stamp.Silo);
        Assert.Equal(typeof(IFilteredGrain), context.InterfaceMethod.DeclaringType);
        Assert.Equal(typeof(FilteredGrain), context.ImplementationMethod.DeclaringType);
        journal.Add($"outer in {context.MethodName}");
        try
        {
            await context.Invoke();
            journal.Add($"outer result {context.Result}");
        }
        catch (StoreException error)
        {
            journal.Add($"outer error {error.Code}");
            throw;
        }
    }
}

/// <summary>Changes a result, and refuses a method without calling the grain.</summary>
internal sealed class InnerIncomingFilter : IIncomingGrainCallFilter
{
    public async Task Invoke(IIncomingGrainCallContext context)
    {
        if (context.Grain is not FilteredGrain grain || context.MethodName == nameof(IConformanceGrain.WhereAsync))
        {
            await context.Invoke();
            return;
        }

        var journal = Journal.Of(grain.GetPrimaryKeyString());
        journal.Add("inner");
        if (context.MethodName == nameof(IFilteredGrain.RefusedAsync))
        {
            context.Result = "refused";
            return;
        }

        await context.Invoke();
        if (context.Result is string text)
            context.Result = text + "!";
    }
}
