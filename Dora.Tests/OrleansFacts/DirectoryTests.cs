using Dora.Tests.OrleansFacts.Grains;
using Dora.Tests.Waiting;
using Orleans.TestingHost;

namespace Dora.Tests.OrleansFacts;

[Trait("Category", "Cluster")]
public sealed class DirectoryTests
{
    private const int PerSilo = 20;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SiloGone_OthersKeepTheirActivationsAndItsGrainsComeBackElsewhere(bool kill)
    {
        await using InProcessTestCluster cluster = await FactCluster.StartAsync(3);
        InProcessSiloHandle victim = cluster.Silos[1];
        IStayingGrain[] healthy = [.. await PlaceAsync(cluster, cluster.Silos[0]), .. await PlaceAsync(cluster, cluster.Silos[2])];
        IStayingGrain[] lost = await PlaceAsync(cluster, victim);
        int[] instances = await Task.WhenAll(healthy.Select(static g => g.InstanceAsync()));

        if (kill)
            await cluster.KillSiloAsync(victim);
        else
            await cluster.StopSiloAsync(victim);
        await cluster.WaitForLivenessToStabilizeAsync(didKill: kill);

        foreach (IStayingGrain grain in lost)
        {
            Assert.Equal(1, await AnswerAsync(() => grain.AddAsync(1)));
            Assert.NotEqual(victim.SiloAddress, await grain.WhereAsync());
        }

        Assert.Equal(instances, await Task.WhenAll(healthy.Select(static g => AnswerAsync(g.InstanceAsync))));
        int[] sums = await Task.WhenAll(healthy.Select(static g => g.AddAsync(1)));
        Assert.All(sums, static sum => Assert.Equal(2, sum));
        Assert.All(healthy, static g => Assert.Empty(Journal.Of(g.GetPrimaryKeyString()).Entries));
    }

    [Fact]
    public async Task SiloAdded_ActivationsStayWhereTheyAre()
    {
        await using InProcessTestCluster cluster = await FactCluster.StartAsync(2);
        IStayingGrain[] grains = [.. await PlaceAsync(cluster, cluster.Silos[0]), .. await PlaceAsync(cluster, cluster.Silos[1])];
        int[] instances = await Task.WhenAll(grains.Select(static g => g.InstanceAsync()));
        InProcessSiloHandle added = await cluster.StartAdditionalSiloAsync();
        foreach (IGrainFactory caller in (IGrainFactory[])[cluster.Client, added.Factory()])
        {
            int[] now = await Task.WhenAll(grains.Select(g => caller.GetGrain<IStayingGrain>(g.GetPrimaryKeyString()).InstanceAsync()));
            Assert.Equal(instances, now);
        }
    }

    private static async Task<IStayingGrain[]> PlaceAsync(InProcessTestCluster cluster, InProcessSiloHandle silo)
    {
        IStayingGrain[] grains = [.. Enumerable.Range(0, PerSilo).Select(_ => cluster.Client.GetGrain<IStayingGrain>(Keys.New()))];
        foreach (IStayingGrain grain in grains)
        {
            await grain.PlaceAsync(silo);
            Assert.Equal(1, await grain.AddAsync(1));
        }

        return grains;
    }

    /// <summary>While the cluster takes notice of a lost silo, calls to its grains may be refused: the caller tries again.</summary>
    private static async Task<T> AnswerAsync<T>(Func<Task<T>> call)
    {
        T answer = default!;
        await Eventually.Async(
            async () =>
            {
                try
                {
                    answer = await call();
                    return true;
                }
                catch (OrleansMessageRejectionException)
                {
                    return false;
                }
            },
            "an answer after the loss of a silo");
        return answer;
    }
}
