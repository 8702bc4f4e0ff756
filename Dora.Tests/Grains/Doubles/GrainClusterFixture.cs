namespace Dora.Tests.Grains.Doubles;

/// <summary>A cluster of two workers that the tests of a class share; each test uses paths of its own.</summary>
public sealed class GrainClusterFixture : IAsyncLifetime
{
    private GrainCluster? _cluster;

    internal GrainCluster Cluster => _cluster!;

    public async Task InitializeAsync() => _cluster = await GrainCluster.StartAsync(2);

    public async Task DisposeAsync() => await Cluster.DisposeAsync();
}
