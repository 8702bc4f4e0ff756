using System.Collections.Concurrent;
using Dora.Tests.OrleansConformance.Grains;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace Dora.Tests.OrleansConformance;

[Trait("Category", "Cluster")]
public sealed class InProcessClusterTests
{
    [Fact]
    public async Task Configuration_RunsForEachSiloAndTheClient()
    {
        var siloNames = new ConcurrentBag<string>();
        int clients = 0;
        InProcessTestClusterBuilder builder = ConformanceCluster.Builder(2);
        builder.ConfigureSilo((options, silo) =>
        {
            siloNames.Add(options.SiloName);
            silo.Services.AddSingleton(new Marker(options.SiloName));
        });
        builder.ConfigureSiloHost((options, host) => host.Services.AddKeyedSingleton("host", new Marker(options.SiloName)));
        builder.ConfigureClient(client =>
        {
            clients++;
            client.Services.AddSingleton(new Marker("client"));
        });
        await using InProcessTestCluster cluster = builder.Build();
        await cluster.DeployAsync();
        Assert.Equal(2, siloNames.Distinct().Count());
        Assert.Equal(siloNames.Order(), cluster.Silos.Select(static s => s.Name).Order());
        Assert.All(cluster.Silos, static s => Assert.Equal(s.Name, s.Service<Marker>().Name));
        Assert.All(cluster.Silos, static s => Assert.Equal(s.Name, s.ServiceProvider.GetRequiredKeyedService<Marker>("host").Name));
        Assert.Equal("client", cluster.Client.ServiceProvider.GetRequiredService<Marker>().Name);
        Assert.Equal(1, clients);
    }

    [Fact]
    public async Task Clusters_TwoInOneProcess_DoNotMeet()
    {
        await using InProcessTestCluster first = await ConformanceCluster.StartAsync(1);
        await using InProcessTestCluster second = await ConformanceCluster.StartAsync(1);
        string key = Keys.New();
        Assert.Equal(first.Silos[0].SiloAddress, await first.Client.GetGrain<IStayingGrain>(key).WhereAsync());
        Assert.Equal(second.Silos[0].SiloAddress, await second.Client.GetGrain<IStayingGrain>(key).WhereAsync());
        Assert.Single(second.Silos[0].Service<IClusterMembershipService>().CurrentSnapshot.Members);
    }

    [Fact]
    public async Task Silos_StopAll_LeavesNone()
    {
        await using InProcessTestCluster cluster = await ConformanceCluster.StartAsync(2);
        await cluster.StopAllSilosAsync();
        Assert.Empty(cluster.Silos);
    }

    [Fact]
    public async Task Client_BeforeDeploy_IsNotThere()
    {
        await using InProcessTestCluster cluster = ConformanceCluster.Builder(1).Build();
        Assert.Throws<InvalidOperationException>(() => cluster.Client);
    }

    private sealed record Marker(string Name);
}
