using Dora.Tests.OrleansConformance.Grains;

namespace Dora.Tests.OrleansConformance;

[Trait("Category", "Cluster")]
[Collection(ClusterCollection.Name)]
public sealed class TurnBasedSchedulingTests(ClusterFixture fixture)
{
    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task Calls_AtTheSameTime_RunOneAfterTheOther(Route route)
    {
        string key = Keys.New();
        var grain = await fixture.GrainAsync<ITurnGrain>(route, key);
        Task<int>[] calls = [.. Enumerable.Range(0, 5).Select(_ => grain.PassAsync())];
        await Gate.Of(key).ArrivedAsync();
        // Answered behind the five calls: they are all at the grain by now.
        await grain.WhereAsync();
        Assert.Equal(1, Gate.Of(key).Arrived);
        Gate.Of(key).Open();
        Assert.All(await Task.WhenAll(calls), static most => Assert.Equal(1, most));
    }

    [Theory]
    [InlineData(typeof(ITurnGrain))]
    [InlineData(typeof(IReentrantGrain))]
    public async Task Await_InAGrain_ResumesOnItsScheduler(Type kind)
    {
        string key = Keys.New();
        IPassGrain grain = kind == typeof(ITurnGrain) ? fixture.Client.GetGrain<ITurnGrain>(key) : fixture.Client.GetGrain<IReentrantGrain>(key);
        Assert.DoesNotContain(await grain.ResumesAsync(), static r => !r.Value);
    }

    [Fact]
    public async Task InterleavedCalls_NeverRunOnTwoThreadsAtOnce()
    {
        var grain = fixture.Client.GetGrain<IReentrantGrain>(Keys.New());
        int[] counts = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => grain.CountAsync(200)));
        Assert.Equal(20 * 200, counts.Max());
    }
}
