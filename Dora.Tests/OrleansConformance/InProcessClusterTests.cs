using System.Collections.Concurrent;
using Dora.Tests.OrleansConformance.Grains;
using Dora.Tests.Waiting;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
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
    public async Task SiloName_FreeText_TravelsToPeersAndClients()
    {
        InProcessTestClusterBuilder builder = ConformanceCluster.Builder(2);
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

    [Fact]
    public async Task ResponseTimeout_OfTheOptions_HoldsForMethodsWithoutTheirOwn()
    {
        await using InProcessTestCluster cluster = await ImpatientAsync(cancelOnTimeout: false);
        string key = Keys.New();
        await WarmUpAsync(cluster.Client.GetGrain<IInterleaveGrain>(key));
        await WarmUpAsync(cluster.Silos[0].Factory().GetGrain<IInterleaveGrain>(key));
        Task[] calls =
        [
            cluster.Client.GetGrain<IInterleaveGrain>(key).AlwaysAsync(key),
            cluster.Silos[0].Factory().GetGrain<IInterleaveGrain>(key).AlwaysAsync(key),
        ];
        foreach (Task call in calls)
            await Assert.ThrowsAsync<TimeoutException>(() => call);
        Assert.Equal(2, Gate.Of(key).Arrived);
        Gate.Of(key).Open();
    }

    [Fact]
    public async Task CancelRequestOnTimeout_CallTimesOut_ItsTokenIsCancelledInTheGrain()
    {
        await using InProcessTestCluster cluster = await ImpatientAsync(cancelOnTimeout: true);
        foreach (IGrainFactory caller in (IGrainFactory[])[cluster.Client, cluster.Silos[0].Factory()])
        {
            string key = Keys.New();
            using var cancel = new CancellationTokenSource();
            await WarmUpAsync(caller.GetGrain<ICancelGrain>(key));
            await Assert.ThrowsAsync<TimeoutException>(() => caller.GetGrain<ICancelGrain>(key).WaitAsync(cancel.Token));
            await Journal.Of(key).HasAsync("cancelled");
        }
    }

    [Fact]
    public async Task CollectionAge_Over_IdleGrainsAreDeactivated()
    {
        await using InProcessTestCluster cluster = await ConformanceCluster.StartAsync(1, static silo => silo.Configure<GrainCollectionOptions>(static o =>
        {
            o.CollectionAge = TimeSpan.FromMilliseconds(200);
            o.CollectionQuantum = TimeSpan.FromMilliseconds(100);
        }));
        string key = Keys.New();
        var kept = cluster.Client.GetGrain<IKeptGrain>(Keys.New());
        int instance = await kept.InstanceAsync();
        await cluster.Client.GetGrain<IIdleGrain>(key).InstanceAsync();
        await Journal.Of(key).HasAsync($"deactivated {DeactivationReasonCode.ActivationIdle}");
        Assert.Equal(instance, await kept.InstanceAsync());
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

    /// <summary>A first call compiles and connects a lot, which on a busy machine takes longer than the callers wait here.</summary>
    private static Task WarmUpAsync(IConformanceGrain grain) => Eventually.Async(
        async () =>
        {
            try
            {
                await grain.WhereAsync();
                return true;
            }
            catch (TimeoutException)
            {
                return false;
            }
        },
        "a first answer in time");

    /// <summary>One silo; callers wait half a second.</summary>
    private static async Task<InProcessTestCluster> ImpatientAsync(bool cancelOnTimeout)
    {
        InProcessTestClusterBuilder builder = ConformanceCluster.Builder(1, silo => silo.Configure<SiloMessagingOptions>(Impatient));
        builder.ConfigureClient(client => client.Configure<ClientMessagingOptions>(Impatient));
        InProcessTestCluster cluster = builder.Build();
        await cluster.DeployAsync();
        return cluster;

        void Impatient(MessagingOptions options)
        {
            options.ResponseTimeout = TimeSpan.FromMilliseconds(500);
            options.CancelRequestOnTimeout = cancelOnTimeout;
        }
    }

    private sealed record Marker(string Name);
}
