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
            Incoming(key));
    }

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task Exception_OfTheGrain_PassesThroughTheFilters(Route route)
    {
        string key = Keys.New();
        var grain = await fixture.GrainAsync<IFilteredGrain>(route, key);
        Assert.Equal(5, (await Assert.ThrowsAsync<StoreException>(grain.FailAsync)).Code);
        string[] entries = Journal.Of(key).Entries;
        Assert.Equal(["outer in FailAsync", "inner", "grain", "outer error 5"], Incoming(key));
        string outgoing = route == Route.ExternalClient ? "client" : "silo-outer";
        Assert.Equal($"{outgoing} error 5", entries[^1]);
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
    public async Task OutgoingFilters_OfTheSilo_RunAroundCallsMadeThere_InOrderOfRegistration()
    {
        string key = Keys.New(), other = Keys.New();
        await fixture.Client.GetGrain<IFilteredGrain>(other).PlaceAsync(fixture.Silos[1]);
        var grain = await fixture.GrainAsync<IFilteredGrain>(Route.ExternalClient, key);
        Assert.Equal($"hello {key}!!", await grain.GreetThroughAsync(other));
        Assert.Equal(
            [
                "silo-outer out GreetAsync", "silo-inner out GreetAsync",
                "outer in GreetAsync", "inner", "grain", $"outer result hello {key}!",
                $"silo-inner result hello {key}!", $"silo-outer result hello {key}!",
            ],
            Journal.Of(other).Entries);
    }

    [Fact]
    public async Task OutgoingFilter_OfTheClient_RunsAroundItsCallsOnly()
    {
        string key = Keys.New();
        var grain = await fixture.GrainAsync<IFilteredGrain>(Route.ExternalClient, key);
        await grain.GreetAsync("you");
        Assert.Equal(
            ["client out GreetAsync", "outer in GreetAsync", "inner", "grain", "outer result hello you!", "client result hello you!"],
            Journal.Of(key).Entries);
    }

    private static IEnumerable<string> Incoming(string key) =>
        Journal.Of(key).Entries.Where(static e => !e.StartsWith("client", StringComparison.Ordinal) && !e.StartsWith("silo", StringComparison.Ordinal));
}
