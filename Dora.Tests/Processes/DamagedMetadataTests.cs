using Dora.Client;

namespace Dora.Tests.Processes;

/// <summary>A worker whose metadata directory was damaged starts, says so in one line, and serves every read.</summary>
[Trait("Category", "Process")]
[Trait("Category", "Slow")]
public sealed class DamagedMetadataTests
{
    [Fact]
    public async Task Worker_MetadataIsDamaged_StartsWithoutItAndSaysSoOnce()
    {
        await using var worker = new SmallCluster(workers: 1, pageCapacity: 64L << 20);
        IReadOnlyList<string> names = SourceFiles.Write(worker.Source, seed: 5, count: 10);
        await worker.StartAsync();
        await using (DoraClient client = await worker.ConnectAsync())
        {
            await client.Mounts.AddAsync(SmallCluster.MountPath, worker.Source, freshness: "immutable");
            await worker.ReadCheckedAsync(client, names);
        }

        await worker.StopAsync();
        string metadata = Path.Combine(worker.Data, "metadata");
        foreach (string file in Directory.GetFiles(metadata, "MANIFEST-*"))
        {
            await File.WriteAllBytesAsync(file, new byte[100]);
        }

        File.Delete(Path.Combine(worker.Data, "worker.log"));
        await worker.StartAsync();
        await using (DoraClient client = await worker.ConnectAsync())
        {
            await worker.ReadCheckedAsync(client, names);
        }

        await worker.StopAsync();
        Assert.Single(Directory.GetDirectories(worker.Data, "metadata.damaged-*"));
        Assert.Single(await File.ReadAllLinesAsync(Path.Combine(worker.Data, "worker.log")), static l => l.Contains("set aside", StringComparison.Ordinal));
    }
}
