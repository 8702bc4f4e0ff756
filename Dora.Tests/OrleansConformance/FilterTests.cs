using Dora.Tests.OrleansConformance.Grains;

namespace Dora.Tests.OrleansConformance;

[Trait("Category", "Cluster")]
[Collection(ClusterCollection.Name)]
public sealed class FilterTests(ClusterFixture fixture)
{
    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task IncomingFilters_RunAroundTheCall_InOrderOfRegistration(Route route)
    {
        string key = Keys.New();
        var grain = await fixture.GrainAsync<IFilteredGrain>(route, key);
        Assert.Equal("hello you!", await grain.GreetAsync("you"));
        Assert.Equal(
            ["outer in GreetAsync", "inner", "grain", "outer result hello you!"],
            Journal.Of(key).Entries.Where(static e => !e.StartsWith("out ", StringComparison.Ordinal)));
    }

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task Exception_OfTheGrain_PassesThroughTheFilters(Route route)
    {
        string key = Keys.New();
        var grain = await fixture.GrainAsync<IFilteredGrain>(route, key);
        Assert.Equal(5, (await Assert.ThrowsAsync<StoreException>(grain.FailAsync)).Code);
        Assert.Equal(["outer in FailAsync", "inner", "grain", "outer error 5"], Journal.Of(key).Entries);
    }

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task IncomingFilter_SetsTheResultWithoutInvoking_GrainIsNotCalled(Route route)
    {
        string key = Keys.New();
        var grain = await fixture.GrainAsync<IFilteredGrain>(route, key);
        Assert.Equal("refused", await grain.RefusedAsync());
        Assert.DoesNotContain("grain", Journal.Of(key).Entries);
    }

    [Fact]
    public async Task OutgoingFilter_OfTheSilo_RunsAroundCallsMadeThere()
    {
        string key = Keys.New(), other = Keys.New();
        await fixture.Client.GetGrain<IFilteredGrain>(other).PlaceAsync(fixture.Silos[1]);
        var grain = await fixture.GrainAsync<IFilteredGrain>(Route.ExternalClient, key);
        Assert.Equal($"hello {key}!!", await grain.GreetThroughAsync(other));
        string[] entries = Journal.Of(other).Entries;
        Assert.Equal($"out from {key}", entries[0]);
        Assert.Equal($"out result hello {key}!", entries[^1]);
    }

    [Fact]
    public async Task OutgoingFilter_OfTheSilo_DoesNotRunForTheExternalClient()
    {
        string key = Keys.New();
        var grain = await fixture.GrainAsync<IFilteredGrain>(Route.ExternalClient, key);
        await grain.GreetAsync("you");
        Assert.DoesNotContain(Journal.Of(key).Entries, static e => e.StartsWith("out ", StringComparison.Ordinal));
    }
}
