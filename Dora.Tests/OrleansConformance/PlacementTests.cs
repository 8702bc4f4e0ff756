using Dora.Tests.OrleansConformance.Grains;
using Orleans.Runtime.Placement;

namespace Dora.Tests.OrleansConformance;

[Trait("Category", "Cluster")]
[Collection(ClusterCollection.Name)]
public sealed class PlacementTests(ClusterFixture fixture)
{
    private SiloAddress[] Active => [.. fixture.Silos.Select(static s => s.SiloAddress)];

    [Fact]
    public async Task Director_ChoosesBySiloAndKey_EveryGrainIsThere()
    {
        IPlacedGrain[] grains = [.. Enumerable.Range(0, 300).Select(_ => fixture.Client.GetGrain<IPlacedGrain>(Keys.New("päth/with space")))];
        SiloAddress[] places = await Task.WhenAll(grains.Select(static g => g.WhereAsync()));
        Assert.Equal(grains.Select(g => RecordedPlacementDirector.Choose(g.GetPrimaryKeyString(), Active)), places);
        Assert.Equal(3, places.Distinct().Count());
    }

    [Fact]
    public async Task Director_IsAskedOncePerActivation_OnTheCallingSilo()
    {
        string key = Keys.New();
        var grain = fixture.Silos[1].Factory().GetGrain<IPlacedGrain>(key);
        await grain.WhereAsync();
        PlacementQuestion question = Assert.Single(RecordedPlacementDirector.Questions(grain));
        Assert.Equal((fixture.Silos[1].SiloAddress, SiloStatus.Active), (question.LocalSilo, question.LocalStatus));
        Assert.Equal(Active.Order(), question.Compatible.Order());

        // Known from now on, to every silo.
        foreach (var silo in fixture.Silos)
            await silo.Factory().GetGrain<IPlacedGrain>(key).WhereAsync();
        await fixture.Client.GetGrain<IPlacedGrain>(key).WhereAsync();
        Assert.Single(RecordedPlacementDirector.Questions(grain));
    }

    [Fact]
    public async Task Director_AfterDeactivation_IsAskedAgain()
    {
        // Called on the silo where it was: another silo may still remember the old place and send the call there without asking.
        string key = Keys.New();
        SiloAddress place = RecordedPlacementDirector.Choose(key, Active);
        var grain = fixture.Silos.Single(s => s.SiloAddress.Equals(place)).Factory().GetGrain<IPlacedGrain>(key);
        await grain.WhereAsync();
        await fixture.Cluster.DeactivateAsync(grain);
        await grain.WhereAsync();
        Assert.Equal(2, RecordedPlacementDirector.Questions(grain).Length);
    }

    [Fact]
    public async Task Director_SeesTheRequestContext()
    {
        var grain = fixture.Client.GetGrain<IPlacedGrain>(Keys.New());
        RequestContext.Set("note", "from the caller");
        await grain.WhereAsync();
        RequestContext.Clear();
        Assert.Equal("from the caller", Assert.Single(RecordedPlacementDirector.Questions(grain)).Note);
    }

    [Fact]
    public async Task Hint_InTheRequestContext_IsHonoured()
    {
        foreach (var silo in fixture.Silos)
            await fixture.Client.GetGrain<IPlacedGrain>(Keys.New()).PlaceAsync(silo);
    }

    [Fact]
    public async Task Hint_OfASiloThatIsNotThere_IsIgnored()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<IPlacedGrain>(key);
        SiloAddress here = fixture.Silos[0].SiloAddress;
        RequestContext.Set(IPlacementDirector.PlacementHintKey, SiloAddress.New(here.Endpoint, here.Generation - 1));
        SiloAddress place = await grain.WhereAsync();
        RequestContext.Clear();
        Assert.Equal(RecordedPlacementDirector.Choose(key, Active), place);
    }

    [Fact]
    public async Task Director_Throws_TheCallFails()
    {
        var grain = fixture.Client.GetGrain<IPlacedGrain>(Keys.New(RecordedPlacementDirector.Fails));
        var error = await Assert.ThrowsAnyAsync<Exception>(grain.WhereAsync);
        Assert.Contains("No place for this grain.", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Director_ThatPinsToSiloNames_EveryCallerReachesTheNamedSilo()
    {
        foreach (var silo in fixture.Silos)
        {
            Assert.Equal(silo.SiloAddress, await fixture.Client.GetGrain<IPinnedGrain>(silo.Name).WhereAsync());
            Assert.Equal(silo.SiloAddress, await fixture.Silos[0].Factory().GetGrain<IPinnedGrain>(silo.Name).WhereAsync());
        }
    }

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task Director_ThrowsSiloUnavailable_TheCallerGetsIt(Route route)
    {
        var error = await Assert.ThrowsAsync<SiloUnavailableException>(fixture.Factory(route).GetGrain<IPinnedGrain>("nobody").WhereAsync);
        Assert.Contains("No silo is named 'nobody'.", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task DefaultPlacement_PlacesSomewhereInTheCluster()
    {
        SiloAddress place = await fixture.Client.GetGrain<IPlainGrain>(Keys.New()).WhereAsync();
        Assert.Contains(place, Active);
    }

    [Fact]
    public async Task StatelessWorker_IsAlwaysOnTheCallingSilo()
    {
        string key = Keys.New();
        foreach (var silo in fixture.Silos)
            Assert.Equal(silo.SiloAddress, await silo.Factory().GetGrain<ILocalWorkerGrain>(key).WhereAsync());
        foreach (var silo in fixture.Silos)
            Assert.Equal(silo.SiloAddress, await silo.Factory().GetGrain<ISingleWorkerGrain>(0).WhereAsync());
        Assert.Contains(await fixture.Client.GetGrain<ISingleWorkerGrain>(0).WhereAsync(), Active);
    }

    [Fact]
    public async Task StatelessWorker_MoreCallsThanItsMaximum_UsesThatManyInstances()
    {
        string key = Keys.New();
        var grain = fixture.Silos[0].Factory().GetGrain<ILocalWorkerGrain>(key);
        Task<int>[] calls = [.. Enumerable.Range(0, 5).Select(_ => grain.WorkAsync())];
        await Gate.Of(key).ArrivedAsync(2);
        await grain.WhereAsync();
        Assert.Equal(2, Gate.Of(key).Arrived);
        Gate.Of(key).Open();
        Assert.Equal(2, (await Task.WhenAll(calls)).Distinct().Count());
    }

    [Fact]
    public async Task StatelessWorker_SingleAndReentrant_TakesAllCallsAtOnce()
    {
        string gate = Keys.New();
        var grain = fixture.Silos[0].Factory().GetGrain<ISingleWorkerGrain>(7);
        Task<int>[] calls = [.. Enumerable.Range(0, 5).Select(_ => grain.WorkAsync(gate))];
        await Gate.Of(gate).ArrivedAsync(5);
        Gate.Of(gate).Open();
        Assert.Single((await Task.WhenAll(calls)).Distinct());
    }
}
