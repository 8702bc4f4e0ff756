using Dora.Tests.OrleansConformance.Grains;

namespace Dora.Tests.OrleansConformance;

[Trait("Category", "Cluster")]
[Collection(ClusterCollection.Name)]
public sealed class ReminderTests(ClusterFixture fixture)
{
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Long = TimeSpan.FromHours(1);

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
    public async Task Reminders_ListGetUpdateUnregister_AgreeWithEachOther()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<IReminderGrain>(key);
        Assert.Empty(await grain.NamesAsync());
        Assert.False(await grain.HasAsync("a"));
        await grain.RegisterAsync("a", Long, Long);
        await grain.RegisterAsync("b", Long, Long);
        await grain.RegisterAsync("a", Long, Long * 2);
        Assert.Equal(["a", "b"], await grain.NamesAsync());
        Assert.True(await grain.HasAsync("a"));
        await grain.UnregisterAsync("a");
        Assert.Equal(["b"], await grain.NamesAsync());
        Assert.False(await grain.HasAsync("a"));
        await grain.UnregisterAsync("b");
        Assert.Empty(await grain.NamesAsync());
    }

    [Fact]
    public async Task Reminders_OfAnotherGrain_AreNotListed()
    {
        var grain = fixture.Client.GetGrain<IReminderGrain>(Keys.New());
        var other = fixture.Client.GetGrain<IReminderGrain>(Keys.New());
        await grain.RegisterAsync("a", Long, Long);
        Assert.Empty(await other.NamesAsync());
        await grain.UnregisterAsync("a");
    }

    [Fact]
    public async Task Period_BelowTheMinimum_IsRefused()
    {
        var grain = fixture.Client.GetGrain<IReminderGrain>(Keys.New());
        TimeSpan tooShort = ConformanceCluster.MinimumReminderPeriod / 2;
        var error = await Assert.ThrowsAsync<ArgumentException>(() => grain.RegisterAsync("r", TimeSpan.Zero, tooShort));
        Assert.Contains("minimum allowed reminder period", error.Message, StringComparison.Ordinal);
        Assert.Empty(await grain.NamesAsync());
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

    [Fact]
    public async Task Tick_IsANormalCall_WaitsForTheRunningOne()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<IReminderGrain>(key);
        await grain.RegisterAsync("r", TimeSpan.Zero, Period);
        await Journal.Of(key).HasAsync("r");
        Task held = grain.HoldAsync();
        await Gate.Of(key).ArrivedAsync();
        int ticks = Journal.Of(key).Count("r begins");

        // Another grain's reminder of the same period tells that time enough has passed.
        string otherKey = Keys.New();
        var other = fixture.Client.GetGrain<IReminderGrain>(otherKey);
        await other.RegisterAsync("clock", TimeSpan.Zero, Period);
        await Journal.Of(otherKey).HasAsync("clock", 3);
        Assert.Equal(ticks, Journal.Of(key).Count("r begins"));
        Gate.Of(key).Open();
        await held;
        await Journal.Of(key).HasAsync("r", ticks + 1);
        await grain.UnregisterAsync("r");
        await other.UnregisterAsync("clock");
    }

    [Fact]
    public async Task Tick_StillRunning_TheNextOneOfTheReminderDoesNotStart()
    {
        string key = Keys.New(), otherKey = Keys.New();
        var grain = fixture.Client.GetGrain<IReminderGrain>(key);
        await grain.RegisterAsync(ReminderGrain.Slow, TimeSpan.Zero, Period);
        await Gate.Of(key + "/tick").ArrivedAsync();
        var other = fixture.Client.GetGrain<IReminderGrain>(otherKey);
        await other.RegisterAsync("clock", TimeSpan.Zero, Period);
        await Journal.Of(otherKey).HasAsync("clock", 3);
        Assert.Equal(1, Gate.Of(key + "/tick").Arrived);
        Gate.Of(key + "/tick").Open();
        await Journal.Of(key).HasAsync(ReminderGrain.Slow, 2);
        await grain.UnregisterAsync(ReminderGrain.Slow);
        await other.UnregisterAsync("clock");
    }

    [Fact]
    public async Task Reminder_Unregistered_TicksNoMore()
    {
        string key = Keys.New(), otherKey = Keys.New();
        var grain = fixture.Client.GetGrain<IReminderGrain>(key);
        await grain.RegisterAsync("r", TimeSpan.Zero, Period);
        await Journal.Of(key).HasAsync("r");
        await grain.UnregisterAsync("r");
        int ticks = Journal.Of(key).Count("r begins");
        var other = fixture.Client.GetGrain<IReminderGrain>(otherKey);
        await other.RegisterAsync("clock", TimeSpan.Zero, Period);
        await Journal.Of(otherKey).HasAsync("clock", 3);
        await other.UnregisterAsync("clock");
        // One tick may have been on its way.
        Assert.InRange(Journal.Of(key).Count("r begins"), ticks, ticks + 1);
    }
}
