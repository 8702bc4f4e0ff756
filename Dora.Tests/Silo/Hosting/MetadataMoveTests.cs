using System.Diagnostics;
using System.Globalization;
using Dora.Client;
using Dora.PageChannel.Codec;
using Dora.PageChannel.Server;
using Dora.Silo.Peers;
using Dora.Storage.Ufs;
using Dora.Tests.Doubles;
using Dora.Tests.Waiting;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using Xunit.Abstractions;

namespace Dora.Tests.Silo.Hosting;

/// <summary>Metadata moves with the ring: when workers come and go, what was known is not asked of the store again. With DORA_TEST_FULL=1 of 100,000 files.</summary>
[Trait("Category", "Cluster")]
public sealed class MetadataMoveTests(ITestOutputHelper output)
{
    private const int Callers = 16;
    private const int Invalidated = 20;
    private static readonly int Files = FullCounts.Of(2000, 100_000);

    [Theory]
    [InlineData("immutable")]
    [InlineData("max-age 1h")]
    public async Task Workers_ThreeFourThree_AtMostTwoPercentOfTheStatsGoToTheStore(string freshness)
    {
        (long taken, long afterJoin, long afterLeave) = await ChangeAsync(freshness, static _ => { });

        Assert.InRange(taken, Files / 10, Files / 2);
        Assert.InRange(afterJoin, 0, Files / 50);
        Assert.InRange(afterLeave, 0, 2 * Files / 50);
    }

    /// <summary>That the counts of the other test count: what a change costs among workers that tell each other nothing.</summary>
    [Fact]
    public async Task Workers_ThatTellNothing_LeaveTheirShareToTheStore()
    {
        (long taken, long afterJoin, long afterLeave) = await ChangeAsync(
            "immutable", static silo => silo.Services.AddSingleton<IKnownRequestHandler>(new Silent()));

        Assert.Equal(0, taken);
        Assert.InRange(afterJoin, Files / 10, Files / 2);
        Assert.InRange(afterLeave, Files / 10, Files / 2);
    }

    [Fact]
    public async Task Invalidated_WhileWorkersComeAndGo_IsAskedOfTheStoreByEveryOwner()
    {
        var store = new NumberedFiles(Files);
        await using WorkerCluster cluster = await WorkerCluster.StartAsync(
            3, silo => silo.Services.AddSingleton<IUfsProvider>(new UfsProvider([new("numbered", _ => store)])));
        await cluster.MountAsync("/data", "numbered://files", "immutable");
        await using DoraClient client = await DoraClient.ConnectAsync(cluster.Client);
        await StatAsync(client, store, 0, Invalidated, "three workers");

        InProcessSiloHandle joined = await cluster.Orleans.StartAdditionalSiloAsync();
        await Eventually.Async(() => client.Workers.Length == 4, "the client to see four workers");
        await client.FreeAsync("/data/0", forgetMetadata: true);
        Assert.InRange(await StatAsync(client, store, 0, Invalidated, "invalidated, four workers"), Invalidated, 2 * Invalidated);

        await client.FreeAsync("/data/0", forgetMetadata: true);
        await cluster.Orleans.StopSiloAsync(joined);
        await Eventually.Async(() => client.Workers.Length == 3, "the client to see three workers");
        Assert.InRange(await StatAsync(client, store, 0, Invalidated, "invalidated, three workers"), Invalidated, 2 * Invalidated);
    }

    /// <summary>Three workers know some files; a fourth comes, its share and then its share of others is asked of it, and it leaves.</summary>
    /// <returns>What the fourth took over, and the stats that went to the store for files that were known.</returns>
    private async Task<(long Taken, long AfterJoin, long AfterLeave)> ChangeAsync(string freshness, Action<ISiloBuilder> more)
    {
        var store = new NumberedFiles(2 * Files);
        await using WorkerCluster cluster = await WorkerCluster.StartAsync(3, silo =>
        {
            silo.Services.AddSingleton<IUfsProvider>(new UfsProvider([new("numbered", _ => store)]));
            more(silo);
        });
        await cluster.MountAsync("/data", "numbered://files", freshness);
        await using DoraClient client = await DoraClient.ConnectAsync(cluster.Client);
        Assert.InRange(await StatAsync(client, store, 0, Files, "three workers, nothing known"), Files, 2 * Files); // more: late answers are asked of two

        InProcessSiloHandle joined = await cluster.Orleans.StartAdditionalSiloAsync();
        await Eventually.Async(() => client.Workers.Length == 4, "the client to see four workers");
        long afterJoin = await StatAsync(client, store, 0, Files, "a fourth has come");
        await StatAsync(client, store, Files, 2 * Files, "four workers, nothing known of these");
        await Eventually.Async(
            () => joined.ServiceProvider.GetRequiredService<MetadataSources>().IsEmpty, "the fourth has taken over what the others know");
        long taken = joined.ServiceProvider.GetRequiredService<MetadataTakeOver>().Files;

        var watch = Stopwatch.StartNew();
        await cluster.Orleans.StopSiloAsync(joined);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"taken over by the fourth: {taken:N0}; it stopped in {watch.Elapsed.TotalSeconds:0.0} s"));
        await Eventually.Async(() => client.Workers.Length == 3, "the client to see three workers");
        return (taken, afterJoin, await StatAsync(client, store, 0, 2 * Files, "the fourth has gone"));
    }

    /// <returns>How many of the stats went to the store.</returns>
    private async Task<long> StatAsync(DoraClient client, NumberedFiles store, int from, int to, string what)
    {
        long before = store.Stats;
        var watch = Stopwatch.StartNew();
        await Parallel.ForEachAsync(Enumerable.Range(0, Callers), new ParallelOptions { MaxDegreeOfParallelism = Callers }, async (caller, cancel) =>
        {
            for (int number = from + caller; number < to; number += Callers)
            {
                Assert.Equal(NumberedFiles.Length, (await client.StatAsync($"/data/{NumberedFiles.PathOf(number)}", cancel)).Length);
            }
        });
        long asked = store.Stats - before;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{what}: {to - from:N0} stats, {asked:N0} of the store ({100.0 * asked / (to - from):0.00} %), {(to - from) / watch.Elapsed.TotalSeconds:N0}/s"));
        return asked;
    }

    private sealed class Silent : IKnownRequestHandler
    {
        public ValueTask<ReadOutcome> KnownAsync(KnownArguments arguments, long membershipVersion, Memory<byte> destination, CancellationToken cancellationToken) =>
            new(new ReadOutcome(PageChannelStatus.NotCached, membershipVersion, null));
    }
}
