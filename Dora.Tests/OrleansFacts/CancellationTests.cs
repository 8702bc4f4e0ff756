using Dora.Tests.OrleansFacts.Grains;
using Dora.Tests.Waiting;

namespace Dora.Tests.OrleansFacts;

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
}
