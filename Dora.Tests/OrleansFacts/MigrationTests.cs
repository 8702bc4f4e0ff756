using Dora.Tests.OrleansFacts.Grains;
using Dora.Tests.Waiting;
using Orleans.Runtime.Placement;
using Orleans.TestingHost;

namespace Dora.Tests.OrleansFacts;

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
