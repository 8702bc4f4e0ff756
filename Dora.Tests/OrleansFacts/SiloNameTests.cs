using Dora.Tests.Waiting;
using Orleans.TestingHost;

namespace Dora.Tests.OrleansFacts;

[Trait("Category", "Cluster")]
public sealed class SiloNameTests
{
    [Fact]
    public async Task SiloName_FreeText_TravelsToPeersAndClients()
    {
        InProcessTestClusterBuilder builder = FactCluster.Builder(2);
        builder.ConfigureSilo(static (options, _) => options.SiloName = $"w{options.SiloPort};page={options.SiloPort + 1};http=ü");
        await using InProcessTestCluster cluster = builder.Build();
        await cluster.DeployAsync();
        string[] names = [.. cluster.Silos.Select(static s => s.Name).Order(StringComparer.Ordinal)];
        Assert.All(names, static n => Assert.EndsWith(";http=ü", n, StringComparison.Ordinal));
        foreach (InProcessSiloHandle silo in cluster.Silos)
        {
            var membership = silo.Service<IClusterMembershipService>();
            await Eventually.Async(
                () => membership.CurrentSnapshot.Members.Values.Select(static m => m.Name).Order(StringComparer.Ordinal).SequenceEqual(names),
                $"both names in the view of {silo.Name}");
            Assert.Equal(silo.Name, silo.Service<ILocalSiloDetails>().Name);
        }

        MembershipEntry[] hosts = await cluster.Client.GetGrain<IManagementGrain>(0).GetDetailedHosts(true);
        Assert.Equal(names, hosts.Select(static h => h.SiloName).Order(StringComparer.Ordinal));
    }
}
