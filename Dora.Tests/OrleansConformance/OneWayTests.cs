using Dora.Tests.OrleansConformance.Grains;
using Dora.Tests.Waiting;

namespace Dora.Tests.OrleansConformance;

[Trait("Category", "Cluster")]
[Collection(ClusterCollection.Name)]
public sealed class OneWayTests(ClusterFixture fixture)
{
    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task OneWay_GrainStillWorking_CallerHasGoneOn(Route route)
    {
        string key = Keys.New();
        var grain = await fixture.GrainAsync<IOneWayGrain>(route, key);
        var box = new Box { Label = "before" };
        await grain.TellAsync(box).Within("the one-way call");
        box.Label = "after";
        await Gate.Of(key).ArrivedAsync();
        Gate.Of(key).Open();
        await Journal.Of(key).HasAsync("told before");
    }

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task OneWay_GrainThrows_CallerDoesNotHear(Route route)
    {
        string key = Keys.New();
        var grain = await fixture.GrainAsync<IOneWayGrain>(route, key);
        await grain.TellAndFailAsync();
        await Journal.Of(key).HasAsync("failing");
    }
}
