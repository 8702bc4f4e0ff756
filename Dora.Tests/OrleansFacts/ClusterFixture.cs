using Dora.Tests.OrleansFacts.Grains;
using Orleans.TestingHost;

namespace Dora.Tests.OrleansFacts;

/// <summary>Three silos and an external client, shared by the tests that leave the cluster as they found it.</summary>
public sealed class ClusterFixture : IAsyncLifetime
{
    internal InProcessTestCluster Cluster { get; private set; } = null!;

    internal IClusterClient Client => Cluster.Client;

    internal IReadOnlyList<InProcessSiloHandle> Silos => Cluster.Silos;

    public async Task InitializeAsync()
    {
        Cluster = FactCluster.Builder(3).Build();
        await Cluster.DeployAsync();
    }

    public async Task DisposeAsync() => await Cluster.DisposeAsync();

    /// <summary>The factory of the caller that the route names.</summary>
    internal IGrainFactory Factory(Route route) => route switch
    {
        Route.ExternalClient => Client,
        Route.SameSilo => Silos[0].Factory(),
        _ => Silos[1].Factory(),
    };

    /// <summary>A reference, held by the caller that the route names, to a grain that is active on the first silo.</summary>
    internal async Task<T> GrainAsync<T>(Route route, string key)
        where T : IFactGrain
    {
        await Client.GetGrain<T>(key).PlaceAsync(Silos[0]);
        return Factory(route).GetGrain<T>(key);
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
    public const string Name = "Orleans facts";
}
