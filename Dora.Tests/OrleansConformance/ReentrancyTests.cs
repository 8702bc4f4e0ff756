using Dora.Tests.OrleansConformance.Grains;

namespace Dora.Tests.OrleansConformance;

[Trait("Category", "Cluster")]
[Collection(ClusterCollection.Name)]
public sealed class ReentrancyTests(ClusterFixture fixture)
{
    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task ReentrantClass_CallsAtTheSameTime_Interleave(Route route)
    {
        string key = Keys.New();
        var grain = await fixture.GrainAsync<IReentrantGrain>(route, key);
        Task<int>[] calls = [.. Enumerable.Range(0, 5).Select(_ => grain.PassAsync())];
        await Gate.Of(key).ArrivedAsync(5);
        Gate.Of(key).Open();
        Assert.Equal(5, (await Task.WhenAll(calls)).Max());
    }

    [Fact]
    public async Task AlwaysInterleave_NormalCallRunning_RunsMeanwhile()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<IInterleaveGrain>(key);
        Task normal = grain.NormalAsync(key + "/normal");
        await Gate.Of(key + "/normal").ArrivedAsync();
        Task always = grain.AlwaysAsync(key + "/always");
        await Gate.Of(key + "/always").ArrivedAsync();
        Gate.Of(key + "/always").Open();
        await always;
        Assert.False(normal.IsCompleted);
        Gate.Of(key + "/normal").Open();
        await normal;
    }

    [Fact]
    public async Task NormalCall_AlwaysInterleaveCallRunning_RunsMeanwhile()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<IInterleaveGrain>(key);
        Task always = grain.AlwaysAsync(key + "/always");
        await Gate.Of(key + "/always").ArrivedAsync();
        Task normal = grain.NormalAsync(key + "/normal");
        await Gate.Of(key + "/normal").ArrivedAsync();
        Gate.Of(key + "/always").Open();
        Gate.Of(key + "/normal").Open();
        await Task.WhenAll(always, normal);
    }

    [Fact]
    public async Task ReadOnly_ReadOnlyCallRunning_RunsMeanwhile()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<IInterleaveGrain>(key);
        Task[] reads = [grain.ReadAsync(key), grain.ReadAsync(key)];
        await Gate.Of(key).ArrivedAsync(2);
        Gate.Of(key).Open();
        await Task.WhenAll(reads);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task ReadOnly_AndNormalCall_DoNotInterleave(bool readFirst)
    {
        string key = Keys.New(), first = key + "/first", second = key + "/second";
        var grain = fixture.Client.GetGrain<IInterleaveGrain>(key);
        Task call1 = readFirst ? grain.ReadAsync(first) : grain.NormalAsync(first);
        await Gate.Of(first).ArrivedAsync();
        Task call2 = readFirst ? grain.NormalAsync(second) : grain.ReadAsync(second);
        await grain.WhereAsync();
        Assert.Equal(0, Gate.Of(second).Arrived);
        Gate.Of(first).Open();
        await Gate.Of(second).ArrivedAsync();
        Gate.Of(second).Open();
        await Task.WhenAll(call1, call2);
    }

    [Fact]
    public async Task CallCycle_WithoutReentrancy_EndsByTimeoutAndTheGrainsLiveOn()
    {
        string a = Keys.New(), b = Keys.New();
        await Assert.ThrowsAsync<TimeoutException>(() => fixture.Client.GetGrain<ICycleGrain>(a).CallAsync(b, allowReentrancy: false));
        Assert.DoesNotContain("answer", Journal.Of(a).Entries);
        await fixture.Client.GetGrain<ICycleGrain>(a).WhereAsync();
    }

    [Fact]
    public async Task CallToSelf_WithoutReentrancy_EndsByTimeout() =>
        await Assert.ThrowsAsync<TimeoutException>(() => fixture.Client.GetGrain<ICycleGrain>(Keys.New()).CallSelfAsync(allowReentrancy: false));

    [Fact]
    public async Task AllowCallChainReentrancy_CallComesBack_IsLetIn()
    {
        string a = Keys.New(), b = Keys.New();
        await fixture.Client.GetGrain<ICycleGrain>(a).PlaceAsync(fixture.Silos[0]);
        await fixture.Client.GetGrain<ICycleGrain>(b).PlaceAsync(fixture.Silos[1]);
        Assert.Equal(a, await fixture.Client.GetGrain<ICycleGrain>(a).CallAsync(b, allowReentrancy: true));
    }

    [Fact]
    public async Task AllowCallChainReentrancy_CallToSelf_IsLetIn()
    {
        string key = Keys.New();
        Assert.Equal(key, await fixture.Client.GetGrain<ICycleGrain>(key).CallSelfAsync(allowReentrancy: true));
    }

    [Fact]
    public async Task AllowCallChainReentrancy_CallOfAnotherChain_Waits()
    {
        string a = Keys.New(), b = Keys.New();
        var grain = fixture.Client.GetGrain<ICycleGrain>(a);
        Task<string> chain = grain.CallHeldAsync(b, a);
        await Gate.Of(a).ArrivedAsync();
        Task<string> other;
        using (RequestContext.AllowCallChainReentrancy())
            other = grain.AnswerAsync();
        await grain.WhereAsync();
        Assert.DoesNotContain("answer", Journal.Of(a).Entries);
        Gate.Of(a).Open();
        Assert.Equal([a, a], await Task.WhenAll(chain, other));
    }
}
