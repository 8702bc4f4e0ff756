using Dora.Client;

namespace Dora.Tests.Processes;

/// <summary>
/// A worker whose disk takes no more pages serves every read, and says so once. Where the tests' user may not mount a small disk, the page directory is
/// taken away instead: every write of pages is refused then, for another reason.
/// </summary>
[Trait("Category", "Process")]
[Trait("Category", "Slow")]
public sealed class FullDiskTests
{
    [Fact]
    public async Task Worker_DiskIsFull_ServesEveryReadAndSaysSoOnce()
    {
        await using var worker = new SmallCluster(workers: 1, pageCapacity: 1L << 30);
        IReadOnlyList<string> names = SourceFiles.Write(worker.Source, seed: 7, count: 40);
        Directory.CreateDirectory(worker.Data);
        using SmallDisk? disk = SmallDisk.TryMount(worker.Data, megabytes: 48);

        // The log lies elsewhere from the second start on, so that it can be read whole.
        await worker.StartAsync();
        await worker.StopAsync();
        string log = worker.Aside("worker.log");
        File.Delete(Path.Combine(worker.Data, "worker.log"));
        File.CreateSymbolicLink(Path.Combine(worker.Data, "worker.log"), log);
        await worker.StartAsync();
        await using DoraClient client = await worker.ConnectAsync();
        await client.Mounts.AddAsync(SmallCluster.MountPath, worker.Source, freshness: "immutable");
        if (disk is not null)
        {
            disk.Fill();
        }
        else
        {
            Directory.Delete(worker.Pages, recursive: true);
        }

        await worker.ReadCheckedAsync(client, names);
        await worker.ReadCheckedAsync(client, names);

        Assert.Single(await File.ReadAllLinesAsync(log), static l => l.Contains("the disk refuses writes", StringComparison.Ordinal));
        await worker.StopAsync();
    }
}
