using Dora.Tests.OrleansConformance.Grains;
using Orleans.TestingHost;

namespace Dora.Tests.OrleansConformance;

/// <summary>Three silos and an external client, shared by the tests that leave the cluster as they found it.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    internal InProcessTestCluster Cluster { get; private set; } = null!;

    internal IClusterClient Client => Cluster.Client;

    internal IReadOnlyList<InProcessSiloHandle> Silos => Cluster.Silos;

    public async Task InitializeAsync() => Cluster = await ConformanceCluster.StartAsync(3, static silo =>
    {
        silo.AddIncomingGrainCallFilter<OuterIncomingFilter>();
        silo.AddIncomingGrainCallFilter<InnerIncomingFilter>();
        silo.AddOutgoingGrainCallFilter<OutgoingFilter>();
    });

    public async Task DisposeAsync() => await Cluster.DisposeAsync();

    /// <summary>A reference, held by the caller that the route names, to a grain that is active on the first silo.</summary>
    internal async Task<T> GrainAsync<T>(Route route, string key)
        where T : IConformanceGrain
    {
        await Client.GetGrain<T>(key).PlaceAsync(Silos[0]);
        return route switch
        {
            Route.ExternalClient => Client.GetGrain<T>(key),
            Route.SameSilo => Silos[0].Factory().GetGrain<T>(key),
            _ => Silos[1].Factory().GetGrain<T>(key),
        };
    }
}

/// <summary>Who calls a grain. The semantics are the same for all; the way of the message is not.</summary>
public enum Route
{
    ExternalClient,
    SameSilo,
    OtherSilo,
}

/// <summary>Every route, as theory data.</summary>
public sealed class AllRoutes : TheoryData<Route>
{
    public AllRoutes() => AddRange(Enum.GetValues<Route>());
}

/// <summary>The tests of the collection share one cluster and run one after the other.</summary>
[CollectionDefinition(Name)]
public sealed class ClusterCollection : ICollectionFixture<ClusterFixture>
{
    public const string Name = "Orleans conformance";
}
