using Dora.Tests.OrleansConformance.Grains;
using Dora.Tests.Waiting;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace Dora.Tests.OrleansConformance;

[Trait("Category", "Cluster")]
public sealed class LifecycleTests
{
    [Fact]
    public async Task Stages_StartAscendingAndStopDescending()
    {
        InProcessTestCluster cluster = await ConformanceCluster.StartAsync(2, static silo => silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, StageRecorder>());
        await using (cluster)
        {
            SiloAddress silo = cluster.Silos[1].SiloAddress;
            string[] names = [.. StageRecorder.Stages.Select(static s => s.Name)];
            Assert.Equal(names.Select(static n => $"start {n}"), StageRecorder.Of(silo).Entries);
            await cluster.StopSiloAsync(cluster.Silos[1]);
            Assert.Equal(names.Reverse().Select(static n => $"stop {n}"), StageRecorder.Of(silo).Entries.Skip(names.Length));
            Assert.Equal(["start Active", "stop Active"], Journal.Of($"status of {silo}").Entries);
        }
    }

    [Fact]
    public async Task Stop_Graceful_ActiveStageMovesTheGrainsAwayWithTheirState()
    {
        InProcessTestCluster cluster = await ConformanceCluster.StartAsync(2, static silo => silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, DrainOnStop>());
        await using (cluster)
        {
            IStayingGrain[] grains = [.. Enumerable.Range(0, 20).Select(_ => cluster.Client.GetGrain<IStayingGrain>(Keys.New()))];
            foreach (IStayingGrain grain in grains)
            {
                await grain.PlaceAsync(cluster.Silos[1]);
                await grain.AddAsync(1);
            }

            await cluster.StopSiloAsync(cluster.Silos[1]);
            foreach (IStayingGrain grain in grains)
            {
                Assert.Equal(cluster.Silos[0].SiloAddress, await grain.WhereAsync());
                Assert.Equal(102, await grain.AddAsync(1));
                Assert.Equal([$"deactivated {DeactivationReasonCode.Migrating}"], Journal.Of(grain.GetPrimaryKeyString()).Entries);
            }
        }
    }

    [Fact]
    public async Task Stop_Graceful_GrainsAreDeactivatedAsShuttingDown()
    {
        await using InProcessTestCluster cluster = await ConformanceCluster.StartAsync(2);
        string key = Keys.New();
        var grain = cluster.Client.GetGrain<IStayingGrain>(key);
        await grain.PlaceAsync(cluster.Silos[1]);
        await cluster.StopSiloAsync(cluster.Silos[1]);
        Assert.Equal([$"deactivated {DeactivationReasonCode.ShuttingDown}"], Journal.Of(key).Entries);
    }

    [Fact]
    public async Task Stop_Graceful_CallLinkedToApplicationStopping_EndsWithItsAnswer()
    {
        await using InProcessTestCluster cluster = await ConformanceCluster.StartAsync(2);
        string key = Keys.New();
        var grain = cluster.Client.GetGrain<IStayingGrain>(key);
        await grain.PlaceAsync(cluster.Silos[1]);
        Task<string> poll = grain.LongPollAsync();
        await Gate.Of(key).ArrivedAsync();
        await cluster.StopSiloAsync(cluster.Silos[1]);
        Assert.Equal("stopping", await poll.Within("the long poll"));
    }

    [Fact]
    public async Task Kill_StopStagesSeeACancelledToken()
    {
        InProcessTestCluster cluster = await ConformanceCluster.StartAsync(2, static silo => silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, DrainOnStop>());
        await using (cluster)
        {
            string key = Keys.New();
            var grain = cluster.Client.GetGrain<IStayingGrain>(key);
            await grain.PlaceAsync(cluster.Silos[1]);
            await cluster.KillSiloAsync(cluster.Silos[1]);
            Assert.DoesNotContain($"deactivated {DeactivationReasonCode.Migrating}", Journal.Of(key).Entries);
        }
    }

    [Fact]
    public async Task StartupTask_RunsWithServicesAndMayCallGrains()
    {
        string key = Keys.New();
        InProcessTestCluster cluster = await ConformanceCluster.StartAsync(1, silo => silo.AddStartupTask(async (services, _) =>
        {
            int sum = await services.GetRequiredService<IGrainFactory>().GetGrain<IStayingGrain>(key).AddAsync(7);
            Journal.Of(key).Add($"startup {sum}");
        }));
        await using (cluster)
            Assert.Equal(["startup 7"], Journal.Of(key).Entries);
    }

    [Fact]
    public async Task Stage_ThrowsAtStart_TheSiloDoesNotStart()
    {
        await using InProcessTestCluster cluster = ConformanceCluster
            .Builder(1, static silo => silo.AddStartupTask(static (_, _) => throw new InvalidOperationException("Not this silo.")))
            .Build();
        var error = await Assert.ThrowsAnyAsync<Exception>(cluster.DeployAsync);
        Assert.Contains("Not this silo.", error.ToString(), StringComparison.Ordinal);
    }
}
