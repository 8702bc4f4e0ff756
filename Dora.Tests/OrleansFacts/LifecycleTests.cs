using Dora.Tests.OrleansFacts.Grains;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace Dora.Tests.OrleansFacts;

[Trait("Category", "Cluster")]
public sealed class LifecycleTests
{
    [Fact]
    public async Task Stages_StartAscendingAndStopDescending()
    {
        InProcessTestCluster cluster = await FactCluster.StartAsync(2, static silo => silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, StageRecorder>());
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
        InProcessTestCluster cluster = await FactCluster.StartAsync(2, static silo => silo.Services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>, DrainOnStop>());
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
}
