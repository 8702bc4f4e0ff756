using Dora.Tests.OrleansConformance.Grains;
using Dora.Tests.Waiting;
using Orleans.Runtime.Placement;
using Orleans.TestingHost;

namespace Dora.Tests.OrleansConformance;

[Trait("Category", "Cluster")]
[Collection(ClusterCollection.Name)]
public sealed class MigrationTests(ClusterFixture fixture)
{
    private static readonly string[] Moved = ["activated fresh", "deactivated Migrating", "dehydrated", "rehydrated", "activated moved"];

    [Fact]
    public async Task Migrate_WithAHint_MovesTheStateToThatSilo()
    {
        string key = Keys.New();
        var grain = await fixture.GrainAsync<IMovingGrain>(Route.ExternalClient, key);
        await grain.AddAsync(1);
        await MigrateAsync(key, fixture.Silos[2]);
        Assert.Equal([1, 2], await grain.AddAsync(2));
        Assert.Equal(fixture.Silos[2].SiloAddress, await grain.WhereAsync());
        Assert.Equal(Moved, Journal.Of(key).Entries);
    }

    [Fact]
    public async Task Migrate_EveryCallerFindsTheNewPlace()
    {
        string key = Keys.New();
        IMovingGrain[] callers = [.. fixture.Silos.Select(s => s.Factory().GetGrain<IMovingGrain>(key)), await fixture.GrainAsync<IMovingGrain>(Route.ExternalClient, key)];
        foreach (IMovingGrain caller in callers)
            await caller.AddAsync(0);
        await MigrateAsync(key, fixture.Silos[1]);
        foreach (IMovingGrain caller in callers)
            Assert.Equal(fixture.Silos[1].SiloAddress, await caller.WhereAsync());
        Assert.Equal(Moved, Journal.Of(key).Entries);
    }

    [Fact]
    public async Task Migrate_CallRunningAndCallsQueued_RunningEndsAndQueuedAreForwarded()
    {
        string key = Keys.New();
        var grain = await fixture.GrainAsync<IMovingGrain>(Route.ExternalClient, key);
        Task running = grain.HoldAsync();
        await Gate.Of(key).ArrivedAsync();
        Task migrated = MigrateAsync(key, fixture.Silos[1]);
        Task<List<int>>[] queued = [.. Enumerable.Range(1, 5).Select(grain.AddAsync)];
        Gate.Of(key).Open();
        await running;
        await migrated;
        await Task.WhenAll(queued);
        List<int> all = await grain.AddAsync(6);
        Assert.Equal([1, 2, 3, 4, 5, 6], all.Order());
        Assert.Equal(Moved, Journal.Of(key).Entries);
    }

    [Fact]
    public async Task MigrateOnIdle_FromInside_UsesTheHintInTheRequestContext()
    {
        string key = Keys.New();
        var grain = await fixture.GrainAsync<IMovingGrain>(Route.ExternalClient, key);
        await grain.AddAsync(1);
        await grain.MoveToAsync(fixture.Silos[1].SiloAddress);
        await Journal.Of(key).HasAsync("activated moved");
        Assert.Equal([1, 2], await grain.AddAsync(2));
        Assert.Equal(fixture.Silos[1].SiloAddress, await grain.WhereAsync());
    }

    [Fact]
    public async Task Migrate_DirectorChoosesTheSameSilo_IsADeactivationAndTheStateIsLost()
    {
        string key = Keys.New();
        var grain = await fixture.GrainAsync<IMovingGrain>(Route.ExternalClient, key);
        await grain.AddAsync(1);
        await MigrateAsync(key, fixture.Silos[0]);
        Assert.Equal([2], await grain.AddAsync(2));
        Assert.DoesNotContain("rehydrated", Journal.Of(key).Entries);
    }

    [Fact]
    public async Task Migrate_OnDeactivateAsyncThrows_IsADeactivationAndTheStateIsLost()
    {
        string key = Keys.New(MovingGrain.Fails);
        var grain = await fixture.GrainAsync<IMovingGrain>(Route.ExternalClient, key);
        await grain.AddAsync(1);
        await MigrateAsync(key, fixture.Silos[1]);
        List<int> values = await grain.AddAsync(2);
        Assert.Equal([2], values);
        Assert.DoesNotContain("dehydrated", Journal.Of(key).Entries);
    }

    [Theory]
    [InlineData(MovingGrain.DehydrateFails)]
    [InlineData(MovingGrain.RehydrateFails)]
    public async Task Migrate_ParticipantThrows_TheGrainMovesWithoutTheState(string kind)
    {
        string key = Keys.New(kind);
        var grain = await fixture.GrainAsync<IMovingGrain>(Route.ExternalClient, key);
        await grain.AddAsync(1);
        await MigrateAsync(key, fixture.Silos[1]);
        List<int> values = await grain.AddAsync(2);
        Assert.Equal([2], values);
        Assert.Equal(fixture.Silos[1].SiloAddress, await grain.WhereAsync());
    }

    [Fact]
    public async Task Migrate_GrainWithoutParticipant_MovesWithoutState()
    {
        string key = Keys.New();
        var grain = await fixture.GrainAsync<IForgetfulGrain>(Route.ExternalClient, key);
        await grain.AddAsync(1);
        await fixture.Cluster.MigrateAsync(grain, fixture.Silos[2].SiloAddress);
        Assert.Equal(fixture.Silos[2].SiloAddress, await grain.WhereAsync());
        Assert.Equal(2, await grain.AddAsync(2));
    }

    [Fact]
    public async Task Migrate_ManyUnderTraffic_NoCallFailsAndNoStateIsLost()
    {
        string[] keys = [.. Enumerable.Range(0, 100).Select(static _ => Keys.New())];
        IMovingGrain[] grains = await Task.WhenAll(keys.Select(k => fixture.GrainAsync<IMovingGrain>(Route.ExternalClient, k)));
        Task[] traffic = [.. grains.Select(static async g =>
        {
            for (int i = 0; i < 20; i++)
                await g.AddAsync(i);
        })];
        await Task.WhenAll(keys.Select((k, i) => MigrateAsync(k, fixture.Silos[1 + (i % 2)])));
        await Task.WhenAll(traffic).Within("the calls made during the migration");
        for (int i = 0; i < grains.Length; i++)
        {
            Assert.Equal(21, (await grains[i].AddAsync(20)).Count);
            Assert.Equal(fixture.Silos[1 + (i % 2)].SiloAddress, await grains[i].WhereAsync());
        }
    }

    private static async Task MigrateAsync(string key, InProcessSiloHandle target)
    {
        var context = Shelf.Take<IGrainContext>(key);
        context.Migrate(new Dictionary<string, object> { [IPlacementDirector.PlacementHintKey] = target.SiloAddress });
        await context.Deactivated.Within($"the migration of {key}");
    }
}
