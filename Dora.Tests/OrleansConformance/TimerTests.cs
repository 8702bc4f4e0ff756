using Dora.Tests.OrleansConformance.Grains;

namespace Dora.Tests.OrleansConformance;

[Trait("Category", "Cluster")]
[Collection(ClusterCollection.Name)]
public sealed class TimerTests(ClusterFixture fixture)
{
    private static readonly TimeSpan Soon = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan Never = Timeout.InfiniteTimeSpan;

    [Fact]
    public async Task Timer_Periodic_TicksOnTheGrainsScheduler()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<ITimerGrain>(key);
        await grain.StartAsync("t", TimeSpan.Zero, Soon);
        await Journal.Of(key).HasAsync("t", 3);
        await grain.DisposeAsync("t");
        Assert.DoesNotContain("wrong scheduler", Journal.Of(key).Entries);
    }

    [Fact]
    public async Task Timer_WithoutPeriod_TicksOnceAndAgainAfterChange()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<ITimerGrain>(key);
        await grain.StartAsync("once", TimeSpan.Zero, Never);
        await grain.StartAsync("other", TimeSpan.Zero, Soon);
        await Journal.Of(key).HasAsync("once");
        await Journal.Of(key).HasAsync("other", Journal.Of(key).Count("other") + 4);
        Assert.Equal(1, Journal.Of(key).Count("once"));
        await grain.ChangeAsync("once", TimeSpan.Zero, Never);
        await Journal.Of(key).HasAsync("once", 2);
        await grain.DisposeAsync("other");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Tick_StillRunning_TheTimerDoesNotOverlapItself(bool interleave)
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<ITimerGrain>(key);
        await grain.StartAsync("slow", TimeSpan.Zero, Soon, interleave, gate: key);
        await Gate.Of(key).ArrivedAsync();
        if (interleave)
        {
            await grain.StartAsync("other", TimeSpan.Zero, Soon, interleave: true);
            await Journal.Of(key).HasAsync("other", 5);
        }

        Assert.Equal(1, Gate.Of(key).Arrived);
        Gate.Of(key).Open();
        await Journal.Of(key).HasAsync("slow", 3);
        await grain.DisposeAsync("slow");
        Assert.Equal(interleave ? 2 : 1, await grain.MostAtOnceAsync());
    }

    [Fact]
    public async Task Tick_WithoutInterleave_WaitsForTheRunningCall_WithInterleaveDoesNot()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<ITimerGrain>(key);
        await grain.StartAsync("queued", TimeSpan.FromMilliseconds(50), Soon);
        await grain.StartAsync("interleaved", TimeSpan.FromMilliseconds(50), Soon, interleave: true);
        Task held = grain.HoldAsync(key);
        await Gate.Of(key).ArrivedAsync();
        int before = Journal.Of(key).Count("queued");
        await Journal.Of(key).HasAsync("interleaved", Journal.Of(key).Count("interleaved") + 5);
        Assert.Equal(before, Journal.Of(key).Count("queued"));
        Gate.Of(key).Open();
        await held;
        await Journal.Of(key).HasAsync("queued", before + 2);
        await grain.DeactivateAsync();
    }

    [Fact]
    public async Task Tick_WithoutInterleave_KeepsCallsWaiting()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<ITimerGrain>(key);
        await grain.StartAsync("slow", TimeSpan.Zero, Never, gate: key);
        await Gate.Of(key).ArrivedAsync();
        Gate.Of(key + "/call").Open();
        Task call = grain.HoldAsync(key + "/call");
        await grain.WhereAsync();
        Assert.Equal(0, Gate.Of(key + "/call").Arrived);
        Gate.Of(key).Open();
        await call;
    }

    [Fact]
    public async Task Timer_Disposed_TicksNoMore()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<ITimerGrain>(key);
        await grain.StartAsync("t", TimeSpan.Zero, Soon);
        await Journal.Of(key).HasAsync("t");
        await grain.DisposeAsync("t");
        int ticks = Journal.Of(key).Count("t");
        await grain.StartAsync("other", TimeSpan.Zero, Soon);
        await Journal.Of(key).HasAsync("other", 5);
        await grain.DisposeAsync("other");
        Assert.Equal(ticks, Journal.Of(key).Count("t"));
    }

    [Fact]
    public async Task Tick_Throws_TheNextTicksStillCome()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<ITimerGrain>(key);
        await grain.StartFailingAsync(Soon);
        await Journal.Of(key).HasAsync("failing", 3);
        await grain.DeactivateAsync();
    }

    [Fact]
    public async Task Timer_OfADeactivatedInstance_TicksNoMore()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<ITimerGrain>(key);
        await grain.StartAsync("old", TimeSpan.Zero, Soon);
        await Journal.Of(key).HasAsync("old");
        await grain.DeactivateAsync();
        await Journal.Of(key).HasAsync("deactivated");
        int ticks = Journal.Of(key).Count("old");
        await grain.StartAsync("new", TimeSpan.Zero, Soon);
        await Journal.Of(key).HasAsync("new", 5);
        Assert.Equal(ticks, Journal.Of(key).Count("old"));
        await grain.DisposeAsync("new");
    }

    [Fact]
    public async Task Timer_StartedInTheActivation_TicksAfterIt()
    {
        string key = Keys.New(TimerGrain.AtActivation);
        var grain = fixture.Client.GetGrain<ITimerGrain>(key);
        Task<int> call = grain.MostAtOnceAsync();
        await Gate.Of(key).ArrivedAsync();

        // Another grain's timer of the same period tells that time enough has passed.
        string otherKey = Keys.New();
        var other = fixture.Client.GetGrain<ITimerGrain>(otherKey);
        await other.StartAsync("clock", TimeSpan.Zero, Soon);
        await Journal.Of(otherKey).HasAsync("clock", 5);
        await other.DisposeAsync("clock");
        Assert.Empty(Journal.Of(key).Entries);
        Gate.Of(key).Open();
        await call;
        string[] entries = await Journal.Of(key).HasAsync("early");
        Assert.Equal("activated", entries[0]);
        await grain.DeactivateAsync();
    }

    [Fact]
    public async Task Tick_MayCallGrainsAndDeactivateItsOwn()
    {
        string key = Keys.New();
        var grain = fixture.Client.GetGrain<ITimerGrain>(key);
        await grain.StartFarewellAsync(Keys.New());
        Assert.Equal(["called 0", "deactivated"], await Journal.Of(key).HasAsync("deactivated"));
    }
}
