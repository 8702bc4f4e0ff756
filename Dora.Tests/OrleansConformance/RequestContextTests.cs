using Dora.Tests.OrleansConformance.Grains;

namespace Dora.Tests.OrleansConformance;

[Trait("Category", "Cluster")]
[Collection(ClusterCollection.Name)]
public sealed class RequestContextTests(ClusterFixture fixture) : IDisposable
{
    public void Dispose() => RequestContext.Clear();

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task Entry_SetByTheCaller_IsSeenByTheGrain(Route route)
    {
        var grain = await fixture.GrainAsync<IContextGrain>(route, Keys.New());
        RequestContext.Set("text", "a");
        RequestContext.Set("number", 42L);
        RequestContext.Set("guid", Guid.Empty);
        Assert.Equal("a", await grain.GetAsync("text"));
        Assert.Equal("42", await grain.GetAsync("number"));
        Assert.Equal(Guid.Empty.ToString(), await grain.GetAsync("guid"));
        Assert.Null(await grain.GetAsync("none"));
    }

    [Fact]
    public async Task Entry_TravelsFromGrainToGrain_WithWhatTheFirstAdds()
    {
        string other = Keys.New();
        await fixture.Client.GetGrain<IContextGrain>(other).PlaceAsync(fixture.Silos[1]);
        var grain = await fixture.GrainAsync<IContextGrain>(Route.ExternalClient, Keys.New());
        RequestContext.Set("text", "a");
        Assert.Equal("a", await grain.GetThroughAsync(other, "text"));
        Assert.Equal("by the first grain", await grain.GetThroughAsync(other, "added"));
    }

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task Change_InTheGrain_DoesNotFlowBackNorIntoTheNextCall(Route route)
    {
        var grain = await fixture.GrainAsync<IContextGrain>(route, Keys.New());
        RequestContext.Set("text", "a");
        await grain.SetAsync("text", "changed");
        await grain.SetAsync("more", "new");
        Assert.Equal("a", RequestContext.Get("text"));
        Assert.Null(RequestContext.Get("more"));
        Assert.Equal("a", await grain.GetAsync("text"));
        Assert.Null(await grain.GetAsync("more"));
    }

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task Change_AtTheCallerAfterTheCall_IsNotSeenByTheGrain(Route route)
    {
        string key = Keys.New();
        var grain = await fixture.GrainAsync<IContextGrain>(route, key);
        RequestContext.Set("text", "a");
        Task<string[]> call = grain.GetTwiceAsync("text");
        await Gate.Of(key).ArrivedAsync();
        RequestContext.Set("text", "b");
        Gate.Of(key).Open();
        Assert.Equal(["a", "a"], await call);
    }

    [Fact]
    public async Task RemoveAndClear_TakeEntriesOut()
    {
        var grain = await fixture.GrainAsync<IContextGrain>(Route.ExternalClient, Keys.New());
        RequestContext.Set("a", "1");
        RequestContext.Set("b", "2");
        Assert.True(RequestContext.Remove("a"));
        Assert.False(RequestContext.Remove("a"));
        Assert.Null(await grain.GetAsync("a"));
        Assert.Equal("2", await grain.GetAsync("b"));
        RequestContext.Clear();
        Assert.Null(await grain.GetAsync("b"));
    }

    [Fact]
    public async Task ConcurrentFlows_EachHaveTheirOwnEntries()
    {
        var grain = await fixture.GrainAsync<IContextGrain>(Route.ExternalClient, Keys.New());
        string?[] seen = await Task.WhenAll(Enumerable.Range(0, 20).Select(async i =>
        {
            RequestContext.Set("flow", i);
            await Task.Yield();
            return await grain.GetAsync("flow");
        }));
        Assert.Equal(Enumerable.Range(0, 20).Select(static i => $"{i}"), seen);
    }
}
