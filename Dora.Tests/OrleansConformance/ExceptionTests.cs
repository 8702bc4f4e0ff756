using Dora.Tests.OrleansConformance.Grains;

namespace Dora.Tests.OrleansConformance;

[Trait("Category", "Cluster")]
[Collection(ClusterCollection.Name)]
public sealed class ExceptionTests(ClusterFixture fixture)
{
    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task SystemException_ReachesTheCaller_WithMessageInnerAndStack(Route route)
    {
        var grain = await fixture.GrainAsync<IThrowGrain>(route, Keys.New());
        var error = await Assert.ThrowsAsync<ArgumentException>(grain.ArgumentAsync);
        Assert.StartsWith("Outer.", error.Message, StringComparison.Ordinal);
        Assert.Equal("Inner.", Assert.IsType<InvalidOperationException>(error.InnerException).Message);
        Assert.Contains(nameof(ThrowGrain), error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task Exception_ThrownBeforeTheFirstAwait_ReachesTheCaller(Route route)
    {
        var grain = await fixture.GrainAsync<IThrowGrain>(route, Keys.New());
        var error = await Assert.ThrowsAsync<FormatException>(async () => await grain.SynchronousAsync());
        Assert.Equal("At once.", error.Message);
    }

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task AggregateException_KeepsItsInnerExceptions(Route route)
    {
        var grain = await fixture.GrainAsync<IThrowGrain>(route, Keys.New());
        var error = await Assert.ThrowsAsync<AggregateException>(grain.AggregateAsync);
        Assert.Equal(
            [(typeof(InvalidOperationException), "First."), (typeof(IOException), "Second.")],
            error.InnerExceptions.Select(static e => (e.GetType(), e.Message)));
    }

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task OwnException_Serializable_KeepsTypeMembersAndInner(Route route)
    {
        var grain = await fixture.GrainAsync<IThrowGrain>(route, Keys.New());
        var error = await Assert.ThrowsAsync<StoreFullException>(grain.OwnAsync);
        Assert.Equal(("Full.", 28, "pages"), (error.Message, error.Code, error.Store));
        Assert.Equal("No space.", Assert.IsType<IOException>(error.InnerException).Message);
    }

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task OperationCanceledException_ThrownByTheGrain_ReachesTheCaller(Route route)
    {
        var grain = await fixture.GrainAsync<IThrowGrain>(route, Keys.New());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(grain.CanceledAsync);
    }

    [Fact]
    public async Task Exception_ThroughASecondGrain_StaysTheSame()
    {
        string other = Keys.New();
        await fixture.Client.GetGrain<IThrowGrain>(other).PlaceAsync(fixture.Silos[1]);
        var grain = await fixture.GrainAsync<IThrowGrain>(Route.ExternalClient, Keys.New());
        Assert.Equal(28, (await Assert.ThrowsAsync<StoreFullException>(() => grain.ThroughAsync(other))).Code);
    }

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task Grain_AfterAnException_IsTheSameInstance(Route route)
    {
        var grain = await fixture.GrainAsync<IThrowGrain>(route, Keys.New());
        int before = await grain.InstanceAsync();
        await Assert.ThrowsAsync<ArgumentException>(grain.ArgumentAsync);
        Assert.Equal(before, await grain.InstanceAsync());
    }

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task ResponseTimeout_Over_CallerGetsTimeoutExceptionAndTheGrainGoesOn(Route route)
    {
        string key = Keys.New();
        var grain = await fixture.GrainAsync<IThrowGrain>(route, key);
        await Assert.ThrowsAsync<TimeoutException>(grain.SlowAsync);
        Assert.Empty(Journal.Of(key).Entries);
        Gate.Of(key).Open();
        await Journal.Of(key).HasAsync("finished");
    }
}
