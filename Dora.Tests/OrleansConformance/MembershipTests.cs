using System.Net;
using Dora.Tests.Waiting;
using Orleans.TestingHost;

namespace Dora.Tests.OrleansConformance;

[Trait("Category", "Cluster")]
[Collection(ClusterCollection.Name)]
public sealed class MembershipTests(ClusterFixture fixture)
{
    [Fact]
    public async Task Snapshot_OfEverySilo_ShowsAllMembersActiveWithTheirNames()
    {
        foreach (InProcessSiloHandle silo in fixture.Silos)
        {
            var membership = silo.Service<IClusterMembershipService>();
            await Eventually.Async(
                () => membership.CurrentSnapshot.Members.Values.Count(static m => m.Status == SiloStatus.Active) == 3,
                $"three active members in the view of {silo.Name}");
            ClusterMembershipSnapshot snapshot = membership.CurrentSnapshot;
            Assert.Equal(
                fixture.Silos.Select(static s => (s.SiloAddress, s.Name)).Order(),
                snapshot.Members.Values.Select(static m => (m.SiloAddress, m.Name)).Order());
            Assert.All(snapshot.Members, static m => Assert.Equal(m.Key, m.Value.SiloAddress));
            Assert.Equal(SiloStatus.Active, snapshot.GetSiloStatus(silo.SiloAddress));
            Assert.Equal(SiloStatus.None, snapshot.GetSiloStatus(SiloAddress.New(silo.SiloAddress.Endpoint, silo.SiloAddress.Generation + 1)));
        }
    }

    [Fact]
    public async Task LocalSiloDetails_SayWhoTheSiloIs()
    {
        foreach (InProcessSiloHandle silo in fixture.Silos)
        {
            var details = silo.Service<ILocalSiloDetails>();
            Assert.Equal((silo.SiloAddress, silo.Name), (details.SiloAddress, details.Name));
            Assert.Equal(fixture.Cluster.Options.ClusterId, details.ClusterId);
            Assert.NotEmpty(details.DnsHostName);
            Assert.Equal(silo.GatewayAddress, details.GatewayAddress);
        }
    }

    [Fact]
    public async Task Refresh_ReturnsWhenTheVersionIsThere()
    {
        MembershipVersion version = fixture.Silos[0].Service<IClusterMembershipService>().CurrentSnapshot.Version;
        var other = fixture.Silos[1].Service<IClusterMembershipService>();
        await other.Refresh(version);
        Assert.True(other.CurrentSnapshot.Version >= version);
    }

    [Fact]
    public void SiloAddress_TextForms_RoundTrip()
    {
        SiloAddress silo = SiloAddress.New(IPAddress.Loopback, 11111, 42);
        Assert.Equal("127.0.0.1:11111@42", silo.ToParsableString());
        Assert.Equal(silo, SiloAddress.FromParsableString("127.0.0.1:11111@42"));
        Assert.Equal((11111, 42), (silo.Endpoint.Port, silo.Generation));
        Assert.NotEqual(silo, SiloAddress.New(silo.Endpoint, 43));
        Assert.True(silo.CompareTo(SiloAddress.New(silo.Endpoint, 43)) < 0);
    }
}
