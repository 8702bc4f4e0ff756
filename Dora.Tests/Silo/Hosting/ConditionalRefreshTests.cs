using Dora.Client;
using Dora.Interfaces;
using Dora.Storage.Ufs;
using Dora.Storage.Ufs.Local;
using Dora.Tests.Doubles;
using Microsoft.Extensions.DependencyInjection;

namespace Dora.Tests.Silo.Hosting;

/// <summary>validate-on-open from the client to the file system: a question on condition, and nothing fetched again.</summary>
[Trait("Category", "Cluster")]
public sealed class ConditionalRefreshTests
{
    [Fact]
    public async Task Open_ValidateOnOpen_AsksOnConditionAndKeepsWhatHasNotChanged()
    {
        FaultyUfs? store = null;
        await using WorkerCluster cluster = await WorkerCluster.StartAsync(1, silo => silo.Services.AddSingleton<IUfsProvider>(
            new UfsProvider([new("file", root => store = new FaultyUfs(new LocalUfs(root.Location)))])));
        cluster.Write("a", "one"u8);
        await cluster.MountAsync("/data", "validate-on-open");
        await using DoraClient client = await DoraClient.ConnectAsync(cluster.Client);

        Assert.Equal("one", await ReadAsync(client));
        FileStat known = await client.StatAsync("/data/a");
        (int stats, int conditional) = (store!.Stats, store.ConditionalStats);
        Assert.Equal("one", await ReadAsync(client));
        FileStat again = await client.StatAsync("/data/a");

        Assert.Equal(known with { LoadedAt = again.LoadedAt }, again);
        Assert.True(again.LoadedAt > known.LoadedAt, $"{again.LoadedAt:O} is not later than {known.LoadedAt:O}");
        Assert.Equal((stats, conditional + 2), (store.Stats, store.ConditionalStats));
        Assert.Single(store.Reads);

        cluster.Write("a", "changed"u8);
        Assert.Equal("changed", await ReadAsync(client));
        Assert.Equal(2, store.Reads.Count);
    }

    private static async Task<string> ReadAsync(DoraClient client)
    {
        await using DoraFile file = await client.OpenReadAsync("/data/a");
        byte[] bytes = new byte[file.Length];
        Assert.Equal(bytes.Length, await file.ReadAsync(0, bytes));
        return System.Text.Encoding.UTF8.GetString(bytes);
    }
}
