using Dora.Tests.OrleansConformance.Grains;
using Dora.Tests.Waiting;
using Orleans.TestingHost;

namespace Dora.Tests.OrleansConformance;

[Trait("Category", "Cluster")]
public sealed class MembershipChangeTests
{
    [Fact]
    public async Task MembershipUpdates_YieldTheCurrentSnapshotThenNewerOnes()
    {
        await using InProcessTestCluster cluster = await ConformanceCluster.StartAsync(2);
        var membership = cluster.Silos[0].Service<IClusterMembershipService>();
        using var end = new CancellationTokenSource(Eventually.DefaultTimeout);
        await using IAsyncEnumerator<ClusterMembershipSnapshot> updates = membership.MembershipUpdates.GetAsyncEnumerator(end.Token);

        // Without any change, there is one at once.
        ClusterMembershipSnapshot current = membership.CurrentSnapshot;
        Assert.True(await updates.MoveNextAsync());
        Assert.True(updates.Current.Version >= current.Version);

        InProcessSiloHandle added = await cluster.StartAdditionalSiloAsync();
        await NextAsync(updates, s => s.GetSiloStatus(added.SiloAddress) == SiloStatus.Active);
        SiloAddress gone = added.SiloAddress;
        await cluster.StopSiloAsync(added);
        await NextAsync(updates, s => s.GetSiloStatus(gone) == SiloStatus.Dead);
        Assert.Equal(SiloStatus.Dead, updates.Current.Members[gone].Status);
    }

    [Fact]
    public async Task Kill_TheOthersSeeItDeadAndKeepItsEntry()
    {
        await using InProcessTestCluster cluster = await ConformanceCluster.StartAsync(3);
        SiloAddress victim = cluster.Silos[2].SiloAddress;
        await cluster.KillSiloAsync(cluster.Silos[2]);
        foreach (InProcessSiloHandle silo in cluster.Silos)
        {
            var membership = silo.Service<IClusterMembershipService>();
            await Eventually.Async(() => membership.CurrentSnapshot.GetSiloStatus(victim) == SiloStatus.Dead, $"{silo.Name} sees the victim dead");
            Assert.Contains(victim, membership.CurrentSnapshot.Members);
        }

        Assert.Equal(2, cluster.Silos.Count);
    }

    [Fact]
    public async Task Add_EverySiloAndTheManifestKnowIt()
    {
        await using InProcessTestCluster cluster = await ConformanceCluster.StartAsync(2);
        MembershipVersion before = cluster.Silos[0].Service<IClusterMembershipService>().CurrentSnapshot.Version;
        InProcessSiloHandle added = await cluster.StartAdditionalSiloAsync();
        Assert.Equal(3, cluster.Silos.Count);
        foreach (InProcessSiloHandle silo in cluster.Silos)
        {
            var membership = silo.Service<IClusterMembershipService>();
            await Eventually.Async(() => membership.CurrentSnapshot.GetSiloStatus(added.SiloAddress) == SiloStatus.Active, $"{silo.Name} sees the new silo");
            Assert.True(membership.CurrentSnapshot.Version > before);
            var manifest = silo.Service<IClusterManifestProvider>();
            await Eventually.Async(() => cluster.Silos.All(s => manifest.Current.Silos.ContainsKey(s.SiloAddress)), $"{silo.Name} has every manifest");
        }

        await cluster.Client.GetGrain<IStayingGrain>(Keys.New()).PlaceAsync(added);
    }

    [Fact]
    public async Task ManagementGrain_ListsHostsForTheExternalClient()
    {
        await using InProcessTestCluster cluster = await ConformanceCluster.StartAsync(3);
        SiloAddress victim = cluster.Silos[2].SiloAddress;
        string victimName = cluster.Silos[2].Name;
        var management = cluster.Client.GetGrain<IManagementGrain>(0);
        Assert.Equal(cluster.Silos.Select(static s => s.SiloAddress).Order(), (await management.GetHosts(true)).Keys.Order());

        // The management grain must not be on the silo that goes, or its answer would be late.
        await cluster.StopSiloAsync(cluster.Silos[2]);
        Dictionary<SiloAddress, SiloStatus> active = await management.GetHosts(true);
        Assert.Equal(cluster.Silos.Select(static s => s.SiloAddress).Order(), active.Keys.Order());
        Assert.All(active.Values, static s => Assert.Equal(SiloStatus.Active, s));
        Assert.Equal(SiloStatus.Dead, (await management.GetHosts(false))[victim]);

        MembershipEntry[] details = await management.GetDetailedHosts(true);
        Assert.Equal(cluster.Silos.Select(static s => (s.SiloAddress, s.Name)).Order(), details.Select(static e => (e.SiloAddress, e.SiloName)).Order());
        Assert.All(details, static e => Assert.Equal(SiloStatus.Active, e.Status));
        Assert.All(details, static e => Assert.NotEmpty(e.HostName));
        MembershipEntry dead = Assert.Single(await management.GetDetailedHosts(false), static e => e.Status == SiloStatus.Dead);
        Assert.Equal((victim, victimName), (dead.SiloAddress, dead.SiloName));
    }

    private static async Task NextAsync(IAsyncEnumerator<ClusterMembershipSnapshot> updates, Func<ClusterMembershipSnapshot, bool> wanted)
    {
        while (!wanted(updates.Current))
        {
            MembershipVersion last = updates.Current.Version;
            Assert.True(await updates.MoveNextAsync());
            Assert.True(updates.Current.Version > last, "Each update is newer than the one before.");
        }
    }
}
