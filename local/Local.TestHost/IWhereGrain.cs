using Orleans;
using Orleans.Runtime;

namespace Local.TestHost;

/// <summary>A grain that says where it lives and remembers in memory and by reminder.</summary>
[Alias("Local.TestHost.IWhereGrain")]
public interface IWhereGrain : IGrainWithStringKey
{
    /// <summary>The silo, and how many calls this activation has had.</summary>
    [Alias("Where")]
    Task<Whereabouts> Where();

    [Alias("Remind")]
    Task Remind(TimeSpan period);

    /// <summary>Ticks that this activation has had.</summary>
    [Alias("Ticks")]
    Task<int> Ticks();
}

[GenerateSerializer, Immutable, Alias("Local.TestHost.Whereabouts")]
public sealed record Whereabouts([property: Id(0)] SiloAddress Silo, [property: Id(1)] int Calls);
