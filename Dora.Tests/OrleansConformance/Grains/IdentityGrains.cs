namespace Dora.Tests.OrleansConformance.Grains;

[Alias("Dora.Tests.INumberedGrain")]
public interface INumberedGrain : IGrainWithIntegerKey
{
    [Alias("Key")]
    Task<long> KeyAsync();
}

/// <summary>The type of its id is the class name in lower case, without "grain".</summary>
internal sealed class NumberedGrain : Grain, INumberedGrain
{
    public Task<long> KeyAsync() => Task.FromResult(this.GetPrimaryKeyLong());
}

[Alias("Dora.Tests.INamedGrain")]
public interface INamedGrain : IConformanceGrain
{
    [Alias("Key")]
    Task<string> KeyAsync();

    [Alias("Id")]
    Task<GrainId> IdAsync();

    /// <summary>A reference to itself.</summary>
    [Alias("Self")]
    Task<INamedGrain> SelfAsync();
}

/// <summary>A second interface of the same grain.</summary>
[Alias("Dora.Tests.INamedGrainAdmin")]
public interface INamedGrainAdmin : IConformanceGrain
{
    [Alias("Rename")]
    Task<int> AdminAsync();
}

[GrainType("named.by.attribute")]
[HintedPlacement]
internal sealed class NamedGrain : ConformanceGrain, INamedGrain, INamedGrainAdmin
{
    public Task<string> KeyAsync() => Task.FromResult(this.GetPrimaryKeyString());

    public Task<GrainId> IdAsync() => Task.FromResult(this.GetGrainId());

    public Task<INamedGrain> SelfAsync() => Task.FromResult(this.AsReference<INamedGrain>());

    public Task<int> AdminAsync() => Task.FromResult(Instance);
}

/// <summary>No class implements it.</summary>
[Alias("Dora.Tests.INobodyGrain")]
public interface INobodyGrain : IGrainWithStringKey
{
    [Alias("Call")]
    Task CallAsync();
}
