using Dora.Tests.OrleansConformance.Grains;

namespace Dora.Tests.OrleansConformance;

[Trait("Category", "Cluster")]
[Collection(ClusterCollection.Name)]
public sealed class IdleCollectionTests(ClusterFixture fixture)
{
    private IManagementGrain Management => fixture.Client.GetGrain<IManagementGrain>(0);

    [Fact]
    public async Task Collection_IdleGrain_IsDeactivatedAsIdle()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<IIdleGrain>(key);
        int instance = await grain.InstanceAsync();
        await Management.ForceActivationCollection(TimeSpan.Zero);
        await Journal.Of(key).HasAsync($"deactivated {DeactivationReasonCode.ActivationIdle}");
        Assert.NotEqual(instance, await grain.InstanceAsync());
    }

    [Fact]
    public async Task Collection_GrainUsedLately_Stays()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<IIdleGrain>(key);
        int instance = await grain.InstanceAsync();
        await Management.ForceActivationCollection(TimeSpan.FromHours(1));
        Assert.Equal(instance, await grain.InstanceAsync());
        Assert.Empty(Journal.Of(key).Entries);
    }

    [Fact]
    public async Task Collection_GrainWithARunningCall_Stays()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<IIdleGrain>(key);
        Task running = grain.HoldAsync();
        await Gate.Of(key).ArrivedAsync();
        await Management.ForceActivationCollection(TimeSpan.Zero);
        Gate.Of(key).Open();
        await running;
        Assert.Empty(Journal.Of(key).Entries);
    }

    [Fact]
    public async Task Collection_GrainWithATimer_IsNotKeptAlive()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<IIdleGrain>(key);
        await grain.StartTimerAsync();
        await Journal.Of(key).HasAsync("tick");
        await Management.ForceActivationCollection(TimeSpan.Zero);
        await Journal.Of(key).HasAsync($"deactivated {DeactivationReasonCode.ActivationIdle}");
    }

    [Fact]
    public async Task Collection_KeepAliveGrain_Stays()
    {
        var grain = fixture.Client.GetGrain<IKeptGrain>(Keys.New());
        int instance = await grain.InstanceAsync();
        await Management.ForceActivationCollection(TimeSpan.Zero);
        Assert.Equal(instance, await grain.InstanceAsync());
    }

    [Fact]
    public async Task Collection_DeactivationDelayed_Stays()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<IIdleGrain>(key);
        await grain.DelayAsync(TimeSpan.FromHours(1));
        int instance = await grain.InstanceAsync();
        await Management.ForceActivationCollection(TimeSpan.Zero);
        Assert.Equal(instance, await grain.InstanceAsync());
    }
}
