using Dora.Client;
using Dora.Interfaces;

namespace Dora.Tests.Silo.Hosting;

/// <summary>Loads of local directories: with links in them they end, and what was fetched is told apart.</summary>
[Trait("Category", "Cluster")]
public sealed class LoadTests
{
    [Fact]
    public async Task Load_ThreeLinksToTheDirectoryItself_Ends()
    {
        await using WorkerCluster cluster = await WorkerCluster.StartAsync(1);
        string source = Path.GetDirectoryName(cluster.Write("file", "content"u8))!;
        Array.ForEach(["a", "b", "c"], name => Directory.CreateSymbolicLink(Path.Combine(source, name), "."));
        await cluster.MountAsync("/data");
        await using DoraClient client = await DoraClient.ConnectAsync(cluster.Client);

        LoadJobStatus ended = await client.Jobs.LoadAsync("/data").WaitAsync(TimeSpan.FromMinutes(1));

        Assert.Equal((LoadJobState.Succeeded, 1L, 7L), (ended.State, ended.FilesFound, ended.BytesFound));
        SkippedEntries skipped = Assert.Single(ended.Skipped);
        Assert.Equal((SkipReason.AlreadyVisited, 3L), (skipped.Reason, skipped.Count));
        Assert.Equal(["/data/a", "/data/b", "/data/c"], skipped.Names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Load_WhatIsCachedAlready_IsToldApartFromWhatIsFetched()
    {
        await using WorkerCluster cluster = await WorkerCluster.StartAsync(2);
        byte[] content = new byte[9 << 20];
        cluster.Write("a/large", content);
        cluster.Write("a/small", "123"u8);
        cluster.Write("b/large", content);
        cluster.Write("b/small", "1234"u8);
        await cluster.MountAsync("/data");
        await using DoraClient client = await DoraClient.ConnectAsync(cluster.Client);

        LoadJobStatus first = await client.Jobs.LoadAsync("/data/a");
        LoadJobStatus second = await client.Jobs.LoadAsync("/data");

        Assert.Equal((content.Length + 3L, 0L), (first.BytesFetched, first.BytesPresent));
        Assert.Equal((content.Length + 4L, content.Length + 3L), (second.BytesFetched, second.BytesPresent));
        Assert.Equal((4L, second.BytesDone), (second.FilesHeld, second.BytesHeld));
    }

    [Fact]
    public async Task Load_LinksBetweenManyDirectories_VisitsEachOnce()
    {
        // 2^30 paths without a loop: each directory has two links to the next one.
        await using WorkerCluster cluster = await WorkerCluster.StartAsync(2);
        foreach (int i in Enumerable.Range(0, 30))
        {
            string directory = Path.GetDirectoryName(cluster.Write($"z{i:00}/file", "1"u8))!;
            Directory.CreateSymbolicLink(Path.Combine(directory, "a"), $"../z{i + 1:00}");
            Directory.CreateSymbolicLink(Path.Combine(directory, "b"), $"../z{i + 1:00}");
        }

        cluster.Write("z30/file", "1"u8);
        string root = cluster.Write("more", "1"u8);
        Directory.CreateSymbolicLink(Path.Combine(Path.GetDirectoryName(root)!, "a-link"), "z00");
        File.CreateSymbolicLink(Path.Combine(Path.GetDirectoryName(root)!, "z-file"), "more");
        await cluster.MountAsync("/data");
        await using DoraClient client = await DoraClient.ConnectAsync(cluster.Client);

        LoadJobStatus all = await client.Jobs.LoadAsync("/data").WaitAsync(TimeSpan.FromMinutes(1));
        LoadJobStatus below = await client.Jobs.LoadAsync("/data/z29").WaitAsync(TimeSpan.FromMinutes(1));
        LoadJobStatus started = await client.Jobs.StartLoadAsync(new LoadJobSpec("/data", 4) { NoFollow = true });
        LoadJobStatus unfollowed = await client.Jobs.WatchAsync(started.JobId).WaitAsync(TimeSpan.FromMinutes(1));

        // The real directories, and the link to a file by its own name.
        Assert.Equal((LoadJobState.Succeeded, 33L), (all.State, all.FilesFound));
        Assert.Equal((SkipReason.AlreadyVisited, 61L), (all.Skipped.Single().Reason, all.Skipped.Single().Count));

        // What a link leads to that lies elsewhere is loaded by the first link's path.
        Assert.Equal((LoadJobState.Succeeded, 2L), (below.State, below.FilesFound));
        Assert.Equal([new SkippedEntries(SkipReason.AlreadyVisited, 1, ["/data/z29/b"])], below.Skipped);
        Assert.Equal((LoadJobState.Succeeded, 32L), (unfollowed.State, unfollowed.FilesFound));
        Assert.Equal((SkipReason.LinkNotFollowed, 62L), (unfollowed.Skipped.Single().Reason, unfollowed.Skipped.Single().Count));
    }
}
