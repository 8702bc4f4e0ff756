using Dora.Tests.OrleansFacts.Grains;

namespace Dora.Tests.OrleansFacts;

[Trait("Category", "Cluster")]
[Collection(ClusterCollection.Name)]
public sealed class ReminderTests(ClusterFixture fixture)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task Reminder_Registered_TicksAgainAndAgain()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<IReminderGrain>(key);
        Assert.Equal("r", await grain.RegisterAsync("r", TimeSpan.Zero, Period));
        await Journal.Of(key).HasAsync("r", 3);
        await grain.UnregisterAsync("r");
        var status = Shelf.Take<TickStatus>(key);
        Assert.Equal(Period, status.Period);
        Assert.True(status.CurrentTickTime > status.FirstTickTime);
        Assert.Equal(DateTimeKind.Utc, status.CurrentTickTime.Kind);
    }

    [Fact]
    public async Task Reminder_GrainDeactivated_ActivatesItAgain()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<IReminderGrain>(key);
        await grain.RegisterAsync("r", TimeSpan.Zero, Period);
        await Journal.Of(key).HasAsync("r");
        int before = await grain.InstanceAsync();
        await fixture.Cluster.DeactivateAsync(grain);
        await Journal.Of(key).HasAsync("r", Journal.Of(key).Count("r") + 2);
        Assert.NotEqual(before, Shelf.Take<int>(key + "/instance"));
        await grain.UnregisterAsync("r");
    }
}
