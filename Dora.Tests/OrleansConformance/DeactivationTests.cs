using Dora.Tests.OrleansConformance.Grains;
using Dora.Tests.Waiting;

namespace Dora.Tests.OrleansConformance;

[Trait("Category", "Cluster")]
[Collection(ClusterCollection.Name)]
public sealed class DeactivationTests(ClusterFixture fixture)
{
    [Fact]
    public async Task DeactivateOnIdle_NextCall_GetsANewInstanceWithoutState()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<IDeactivationGrain>(key);
        Assert.Equal(5, await grain.AddAsync(5));
        Assert.Equal(7, await grain.AddAsync(2));
        await grain.DeactivateAsync();
        Assert.Equal(1, await grain.AddAsync(1));
        Assert.Equal(["activated", "add", "add", "deactivated ApplicationRequested", "activated", "add"], Journal.Of(key).Entries);
    }

    [Fact]
    public async Task DeactivateOnIdle_CallRunning_EndsFirstAndQueuedCallsGoToTheNewInstance()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<IDeactivationGrain>(key);
        await grain.AddAsync(5);
        Task running = grain.DeactivateThenHoldAsync();
        await Gate.Of(key).ArrivedAsync();
        Task<int> queued = grain.AddAsync(1);
        Gate.Of(key).Open();
        await running;
        Assert.Equal(1, await queued);
        Assert.Equal(["activated", "add", "call ends", "deactivated ApplicationRequested", "activated", "add"], Journal.Of(key).Entries);
    }

    [Fact]
    public async Task ContextDeactivate_FromOutside_WaitsForTheRunningCallAndCompletesDeactivated()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<IDeactivationGrain>(key);
        Task running = grain.HoldAsync();
        await Gate.Of(key).ArrivedAsync();
        var context = Shelf.Take<IGrainContext>(key);
        context.Deactivate(new DeactivationReason(DeactivationReasonCode.RuntimeRequested, "from outside"));
        Assert.False(context.Deactivated.IsCompleted);
        Gate.Of(key).Open();
        await running;
        await context.Deactivated.Within("the deactivation");
        Assert.Equal(["activated", "call ends", "deactivated RuntimeRequested"], Journal.Of(key).Entries);
    }

    [Fact]
    public async Task ContextDeactivate_WithAReason_PassesCodeAndTextOn()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<IDeactivationGrain>(key);
        await grain.DeactivateForAsync(DeactivationReasonCode.ApplicationError, "the disk is gone");
        await Journal.Of(key).HasAsync("the disk is gone");
        Assert.Equal(["activated", "deactivated ApplicationError", "the disk is gone"], Journal.Of(key).Entries);
    }

    [Fact]
    public async Task OnDeactivateAsync_Throws_TheGrainStillGoesAndComesBack()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<IDeactivationGrain>(key);
        await grain.AddAsync(5);
        await grain.FailOnDeactivationAsync();
        Assert.Equal(1, await grain.AddAsync(1));
    }

    [Fact]
    public async Task OnDeactivateAsync_MayCallOtherGrains()
    {
        string other = Keys.New(), key = DeactivationGrain.Farewell + other;
        var grain = fixture.Client.GetGrain<IDeactivationGrain>(key);
        await grain.AddAsync(5);
        await fixture.Cluster.DeactivateAsync(grain);
        Assert.Equal("told 1", Journal.Of(key).Entries[^1]);
        Assert.Equal(2, await fixture.Client.GetGrain<IDeactivationGrain>(other).AddAsync(1));
    }

    [Fact]
    public async Task Cluster_DeactivateAsync_WaitsForTheEnd()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<IDeactivationGrain>(key);
        await grain.AddAsync(5);
        await fixture.Cluster.DeactivateAsync(grain);
        Assert.Equal(["activated", "add", "deactivated ApplicationRequested"], Journal.Of(key).Entries);
    }
}
