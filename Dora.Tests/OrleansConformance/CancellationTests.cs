using Dora.Tests.OrleansConformance.Grains;
using Dora.Tests.Waiting;

namespace Dora.Tests.OrleansConformance;

[Trait("Category", "Cluster")]
[Collection(ClusterCollection.Name)]
public sealed class CancellationTests(ClusterFixture fixture)
{
    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task Token_CancelledAtTheCaller_IsCancelledInTheGrain(Route route)
    {
        string key = Keys.New();
        var grain = await fixture.GrainAsync<ICancelGrain>(route, key);
        using var cancel = new CancellationTokenSource();
        Task call = grain.WaitAsync(cancel.Token);
        await Gate.Of(key).ArrivedAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.Within("the cancelled call"));
        await Journal.Of(key).HasAsync("cancelled");
    }

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task Token_CancelledButIgnoredByTheGrain_CallerDoesNotWait(Route route)
    {
        string key = Keys.New();
        var grain = await fixture.GrainAsync<ICancelGrain>(route, key);
        using var cancel = new CancellationTokenSource();
        Task call = grain.IgnoreAsync(cancel.Token);
        await Gate.Of(key).ArrivedAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.Within("the cancelled call"));
        await Journal.Of(key).HasAsync("token cancelled");
        Gate.Of(key).Open();
    }

    [Fact]
    public async Task Token_PassedToASecondGrain_IsCancelledThere()
    {
        string key = Keys.New(), other = Keys.New();
        await fixture.Client.GetGrain<ICancelGrain>(other).PlaceAsync(fixture.Silos[1]);
        var grain = await fixture.GrainAsync<ICancelGrain>(Route.ExternalClient, key);
        using var cancel = new CancellationTokenSource();
        Task call = grain.WaitThroughAsync(other, cancel.Token);
        await Gate.Of(other).ArrivedAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call.Within("the cancelled call"));
        await Journal.Of(other).HasAsync("cancelled");
    }

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task Token_CancelledBeforeTheCall_GrainIsNotCalled(Route route)
    {
        string key = Keys.New();
        var grain = await fixture.GrainAsync<ICancelGrain>(route, key);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => grain.WaitAsync(new CancellationToken(canceled: true)));
        await grain.IsCanceledAsync(CancellationToken.None);
        Assert.Empty(Journal.Of(key).Entries);
    }

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task Token_CancelledWhileTheCallIsQueued_CallerDoesNotWait(Route route)
    {
        string key = Keys.New();
        var grain = await fixture.GrainAsync<ICancelGrain>(route, key);
        Task running = grain.IgnoreAsync(CancellationToken.None);
        await Gate.Of(key).ArrivedAsync();
        using var cancel = new CancellationTokenSource();
        Task queued = grain.WaitAsync(cancel.Token);
        await grain.WhereAsync();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queued.Within("the cancelled call"));
        Assert.False(running.IsCompleted);
        Gate.Of(key).Open();
        await running;
        Assert.False(await grain.IsCanceledAsync(CancellationToken.None));
    }

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task Token_NotGivenOrNotCancelled_CallSucceeds(Route route)
    {
        var grain = await fixture.GrainAsync<ICancelGrain>(route, Keys.New());
        using var cancel = new CancellationTokenSource();
        Assert.False(await grain.IsCanceledAsync(CancellationToken.None));
        Assert.False(await grain.IsCanceledAsync(cancel.Token));
    }

    [Theory]
    [ClassData(typeof(AllRoutes))]
    public async Task Token_OfACallThatTimedOut_IsNotCancelledInTheGrain(Route route)
    {
        string key = Keys.New();
        var grain = await fixture.GrainAsync<ICancelGrain>(route, key);
        using var cancel = new CancellationTokenSource();
        await Assert.ThrowsAsync<TimeoutException>(() => grain.WaitBrieflyAsync(cancel.Token));
        await grain.WhereAsync();
        Gate.Of(key).Open();
        Assert.False(await grain.IsCanceledAsync(CancellationToken.None));
        Assert.Equal(["called"], Journal.Of(key).Entries);
    }

    [Fact]
    public async Task Token_CancelledAfterTheCall_ChangesNothing()
    {
        var grain = await fixture.GrainAsync<ICancelGrain>(Route.ExternalClient, Keys.New());
        using var cancel = new CancellationTokenSource();
        await grain.IsCanceledAsync(cancel.Token);
        await cancel.CancelAsync();
        Assert.False(await grain.IsCanceledAsync(CancellationToken.None));
    }
}
