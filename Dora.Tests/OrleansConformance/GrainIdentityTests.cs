using System.Text;
using Dora.Tests.OrleansConformance.Grains;

namespace Dora.Tests.OrleansConformance;

[Trait("Category", "Cluster")]
[Collection(ClusterCollection.Name)]
public sealed class GrainIdentityTests(ClusterFixture fixture)
{
    [Theory]
    [InlineData("a")]
    [InlineData("/path/with/slashes")]
    [InlineData("Ünïcode ✓ and space")]
    [InlineData("a|b@c:d?e#f%20")]
    [InlineData("4096 characters")]
    public async Task StringKey_AnyText_IsKept(string key)
    {
        if (key.StartsWith("4096", StringComparison.Ordinal))
            key = key.PadRight(4096, 'x');
        Assert.Equal(key, await fixture.Client.GetGrain<INamedGrain>(key).KeyAsync());
        Assert.Equal(key, fixture.Client.GetGrain<INamedGrain>(key).GetPrimaryKeyString());
    }

    [Theory]
    [InlineData(0L)]
    [InlineData(-1L)]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    public async Task IntegerKey_AnyNumber_IsKept(long key)
    {
        Assert.Equal(key, await fixture.Client.GetGrain<INumberedGrain>(key).KeyAsync());
        Assert.Equal(key, fixture.Client.GetGrain<INumberedGrain>(key).GetPrimaryKeyLong());
    }

    [Fact]
    public async Task GrainId_HasTypeAndKey()
    {
        string key = Keys.New("ü/x");
        var grain = fixture.Client.GetGrain<INamedGrain>(key);
        GrainId id = grain.GetGrainId();
        Assert.Equal(GrainId.Create("named.by.attribute", key), id);
        Assert.Equal($"named.by.attribute/{key}", id.ToString());
        Assert.Equal(GrainType.Create("named.by.attribute"), id.Type);
        Assert.Equal(key, id.Key.ToString());
        Assert.Equal(Encoding.UTF8.GetBytes(key), id.Key.AsSpan().ToArray());
        Assert.Equal(id, await grain.IdAsync());
    }

    [Fact]
    public void GrainType_WithoutAttribute_IsTheClassNameInLowerCaseWithoutGrain()
    {
        GrainId id = fixture.Client.GetGrain<INumberedGrain>(10).GetGrainId();
        Assert.Equal("numbered", id.Type.ToString());
        Assert.Equal(GrainId.Create("numbered", "A"), id);
    }

    [Fact]
    public async Task GetGrain_ByGrainId_ReachesTheSameActivation()
    {
        var grain = fixture.Client.GetGrain<INamedGrain>(Keys.New());
        var byId = fixture.Client.GetGrain<INamedGrain>(grain.GetGrainId());
        Assert.Equal(await grain.InstanceAsync(), await byId.InstanceAsync());
    }

    [Fact]
    public async Task Cast_ToAnotherInterfaceOfTheGrain_ReachesTheSameActivation()
    {
        var grain = fixture.Client.GetGrain<INamedGrain>(Keys.New());
        Assert.Equal(await grain.InstanceAsync(), await grain.Cast<INamedGrainAdmin>().AdminAsync());
        Assert.Equal(await grain.InstanceAsync(), await grain.AsReference<INamedGrainAdmin>().AdminAsync());
        Assert.Equal(grain.GetGrainId(), grain.Cast<INamedGrainAdmin>().GetGrainId());
    }

    [Fact]
    public async Task AsReference_InsideTheGrain_IsAReferenceToItself()
    {
        var grain = fixture.Client.GetGrain<INamedGrain>(Keys.New());
        INamedGrain self = await grain.SelfAsync();
        Assert.Equal(grain, self);
        Assert.Equal(await grain.InstanceAsync(), await self.InstanceAsync());
    }

    [Fact]
    public void References_ToTheSameGrain_AreEqual()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<INamedGrain>(key);
        Assert.Equal(grain, fixture.Silos[0].Factory().GetGrain<INamedGrain>(key));
        Assert.Equal(grain.GetHashCode(), fixture.Client.GetGrain<INamedGrain>(key).GetHashCode());
        Assert.NotEqual(grain, fixture.Client.GetGrain<INamedGrain>(key + "x"));
    }

    [Fact]
    public void GetGrain_OfAnInterfaceThatNobodyImplements_Throws() =>
        Assert.Throws<ArgumentException>(() => fixture.Client.GetGrain<INobodyGrain>("x"));

    [Fact]
    public async Task ManagementGrain_KnowsPlaceAndCountOfActivations()
    {
        var grain = fixture.Client.GetGrain<INamedGrain>(Keys.New());
        await grain.PlaceAsync(fixture.Silos[2]);
        var management = fixture.Client.GetGrain<IManagementGrain>(0);
        Assert.Equal(fixture.Silos[2].SiloAddress, await management.GetActivationAddress(grain));
        Assert.Contains(grain.GetGrainId(), await management.GetActiveGrains(GrainType.Create("named.by.attribute")));
        Assert.True(await management.GetTotalActivationCount() > 0);
    }
}
