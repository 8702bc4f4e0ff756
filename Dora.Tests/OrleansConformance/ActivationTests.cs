using Dora.Tests.OrleansConformance.Grains;

namespace Dora.Tests.OrleansConformance;

[Trait("Category", "Cluster")]
[Collection(ClusterCollection.Name)]
public sealed class ActivationTests(ClusterFixture fixture)
{
    [Fact]
    public async Task FirstCall_GrainUnknown_ConstructsThenActivatesThenCalls()
    {
        string key = Keys.New();
        await fixture.Client.GetGrain<IActivationGrain>(key).CallAsync();
        Assert.Equal(["constructed", "activating", "activated", "call"], Journal.Of(key).Entries);
    }

    [Fact]
    public async Task SecondCall_GrainActive_UsesTheSameInstance()
    {
        var grain = fixture.Client.GetGrain<IActivationGrain>(Keys.New());
        Assert.Equal(await grain.InstanceAsync(), await grain.InstanceAsync());
    }

    [Fact]
    public async Task OnActivateAsync_StillRunning_CallsWait()
    {
        string key = Keys.New(ActivationGrain.Held);
        var grain = fixture.Client.GetGrain<IActivationGrain>(key);
        Task[] calls = [grain.CallAsync(), grain.CallAsync()];
        await Gate.Of(key).ArrivedAsync();
        Assert.DoesNotContain("call", Journal.Of(key).Entries);
        Gate.Of(key).Open();
        await Task.WhenAll(calls);
        Assert.Equal(["constructed", "activating", "activated", "call", "call"], Journal.Of(key).Entries);
    }

    [Fact]
    public async Task OnActivateAsync_Throws_FailsTheWaitingCallsAndALaterCallTriesAgain()
    {
        string key = Keys.New(ActivationGrain.Failing);
        var grain = fixture.Client.GetGrain<IActivationGrain>(key);
        Task[] calls = [grain.CallAsync(), grain.CallAsync()];
        foreach (Task call in calls)
        {
            var error = await Assert.ThrowsAsync<InvalidOperationException>(() => call);
            Assert.Equal("Not today.", error.Message);
        }

        Assert.DoesNotContain("call", Journal.Of(key).Entries);
        Gate.Of(key).Open();
        await grain.CallAsync();
        Assert.Equal(["constructed", "activating", "activated", "call"], Journal.Of(key).Entries.TakeLast(4));
    }

    [Fact]
    public async Task Constructor_Throws_FailsTheCall()
    {
        var grain = fixture.Client.GetGrain<IActivationGrain>(Keys.New(ActivationGrain.ConstructorFails));
        var error = await Assert.ThrowsAnyAsync<Exception>(grain.CallAsync);
        Assert.Equal("No instance today.", error.GetBaseException().Message);
    }

    [Fact]
    public async Task Constructor_TakesServices_FromTheSiloOfTheActivation()
    {
        var grain = fixture.Client.GetGrain<IActivationGrain>(Keys.New());
        await grain.PlaceAsync(fixture.Silos[1]);
        Assert.Equal(fixture.Silos[1].SiloAddress, await grain.InjectedSiloAsync());
    }

    [Fact]
    public async Task FirstCalls_FromAllSilosAtOnce_MakeOneActivation()
    {
        for (int round = 0; round < 20; round++)
        {
            string key = Keys.New();
            IGrainFactory[] callers = [fixture.Client, .. fixture.Silos.Select(static s => s.Factory())];
            int[] instances = await Task.WhenAll(callers.Select(c => Task.Run(() => c.GetGrain<IActivationGrain>(key).InstanceAsync())));
            Assert.Single(instances.Distinct());
        }
    }
}
