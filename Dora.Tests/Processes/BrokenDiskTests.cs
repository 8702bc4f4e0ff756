using Dora.Client;

namespace Dora.Tests.Processes;

/// <summary>
/// A worker with page directories on two disks, of which one fails: reads go on, and the disk is used again when it works again. Where the tests' user may not
/// mount a disk, the second directory loses its files instead.
/// </summary>
[Trait("Category", "Process")]
[Trait("Category", "Slow")]
public sealed class BrokenDiskTests
{
    [Fact]
    public async Task Worker_OneOfTwoDisksFails_ReadsGoOnAndItComesBack()
    {
        await using var worker = new SmallCluster(workers: 1, pageCapacity: 64L << 20, moreCapacity: 64L << 20);
        IReadOnlyList<string> names = SourceFiles.Write(worker.Source, seed: 8, count: 60);
        Directory.CreateDirectory(worker.MorePages);
        using SmallDisk? disk = SmallDisk.TryMount(worker.MorePages, megabytes: 96);
        await worker.StartAsync();
        await using DoraClient client = await worker.ConnectAsync();
        await client.Mounts.AddAsync(SmallCluster.MountPath, worker.Source, freshness: "immutable");
        await worker.ReadCheckedAsync(client, names);
        await worker.ReadCheckedAsync(client, names);
        string[] segments = Directory.GetFiles(worker.MorePages, "*.seg", SearchOption.AllDirectories);
        Assert.NotEmpty(segments);

        // What was stored there is lost, and then the whole disk.
        foreach (string segment in segments)
        {
            await using FileStream cut = new(segment, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete);
            cut.SetLength(4096);
        }

        disk?.Hide();
        await worker.ReadCheckedAsync(client, names);
        IReadOnlyList<string> more = [.. SourceFiles.Write(Path.Combine(worker.Source, "more"), seed: 9, count: 40).Select(static n => "more/" + n)];
        await worker.ReadCheckedAsync(client, more);
        await worker.ReadCheckedAsync(client, [.. names, .. more]);
        if (disk is not null)
        {
            await LogSaysAsync(worker, "is quarantined");
            disk.Show();
            await LogSaysAsync(worker, "works again");
        }

        await worker.ReadCheckedAsync(client, [.. names, .. more]);
        await worker.StopAsync();
    }

    private static Task LogSaysAsync(SmallCluster worker, string words) => Waiting.Eventually.Async(
        async () => (await File.ReadAllTextAsync(Path.Combine(worker.Data, "worker.log"))).Contains(words, StringComparison.Ordinal),
        $"the worker's log says '{words}'",
        TimeSpan.FromMinutes(1));
}
