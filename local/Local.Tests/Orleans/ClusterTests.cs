using System.Diagnostics;
using Orleans.Runtime;
using Orleans.TestingHost;
using Xunit.Abstractions;

namespace Local.Tests.Orleans;

[Trait("Category", "Cluster")]
public sealed class ClusterTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Cluster_CallsMigrationKillAndRestart_Work()
    {
        await using var cluster = new InProcessTestClusterBuilder(3).Build();
        await cluster.DeployAsync();
        var grains = Enumerable.Range(0, 200).Select(i => cluster.Client.GetGrain<IProbe>($"k{i}")).ToList();
        foreach (var grain in grains)
            Assert.Equal(1, await grain.Add(1));
        var places = new Dictionary<SiloAddress, int>();
        foreach (var grain in grains)
        {
            var where = await grain.Where();
            places[where] = places.GetValueOrDefault(where) + 1;
        }

        Assert.Equal(3, places.Count);
        var numbers = new[] { 1, 2 };
        Assert.Equal(new[] { -1, 2 }, await grains[0].Echo(numbers));
        Assert.Equal(1, numbers[0]);
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() => grains[0].Fail("boom"));
        Assert.Equal("boom", failure.Message);
        using var cts = new CancellationTokenSource(100);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => grains[0].Slow(60_000, cts.Token));
        Assert.Equal(2, await grains[1].CallOther("k0", 1));

        var target = cluster.Silos[2].SiloAddress;
        foreach (var grain in grains)
        {
            if (!target.Equals(await grain.Where()))
                await cluster.MigrateAsync(grain, target);
        }

        foreach (var grain in grains.Skip(1))
        {
            Assert.Equal(target, await grain.Where());
            Assert.Equal(2, await grain.Add(1));
        }

        await cluster.KillSiloAsync(cluster.Silos[1]);
        await cluster.WaitForLivenessToStabilizeAsync(true);
        foreach (var grain in grains.Skip(1))
            Assert.Equal(3, await grain.Add(1));
        var added = await cluster.StartAdditionalSiloAsync();
        await cluster.WaitForLivenessToStabilizeAsync();
        foreach (var grain in grains.Skip(1))
            Assert.Equal(4, await grain.Add(1));
        await cluster.StopSiloAsync(cluster.GetSiloForAddress(target)!);
        foreach (var grain in grains)
            Assert.Equal(1, await grain.Add(1));
        Assert.NotNull(added);
    }

    [Fact]
    public async Task Call_InsideASilo_TakesMicroseconds()
    {
        await using var cluster = new InProcessTestClusterBuilder(1).Build();
        await cluster.DeployAsync();
        var factory = (global::Orleans.IGrainFactory)cluster.GetSiloServiceProvider().GetService(typeof(global::Orleans.IGrainFactory))!;
        var grain = factory.GetGrain<IProbe>("fast");
        for (var i = 0; i < 20_000; i++)
            await grain.Nothing();
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < 20_000; i++)
            await grain.Nothing();
        output.WriteLine($"{clock.Elapsed.TotalMicroseconds / 20_000:F2} us per call");
        var external = cluster.Client.GetGrain<IProbe>("fast");
        clock.Restart();
        for (var i = 0; i < 5_000; i++)
            await external.Add(1);
        output.WriteLine($"{clock.Elapsed.TotalMicroseconds / 5_000:F2} us per external call");
    }
}
