using System.Globalization;
using Dora.Client;
using Dora.Storage.Pages.Volumes;
using Dora.Tests.Storage.Pages.Proofs;
using Dora.Tests.Waiting;
using Microsoft.Win32.SafeHandles;
using Xunit.Abstractions;

namespace Dora.Tests.Processes.SameHost;

/// <summary>Real workers with <c>--same-host</c> and clients of their host: right bytes and no failed read, whatever happens to either.</summary>
[Trait("Category", "Process")]
[Trait("Category", "Slow")]
public sealed class SameHostProcessTests(ITestOutputHelper output)
{
    private const int FileBytes = 200_000;
    private const int Files = 60;

    // Half of the files: there is always something to evict.
    private const long Capacity = 6L * 1024 * 1024;

    [Fact]
    public async Task Worker_EvictsFreesAndDies_ReadersGoOnWithRightBytes()
    {
        await using SmallCluster cluster = await StartAsync(Capacity);
        await using DoraClient client = await cluster.ConnectAsync();
        using var stop = new CancellationTokenSource();
        var load = new SameHostLoad(client, cluster.Source, FullCounts.FirstSeed);
        Task reading = load.RunAsync(3, stop.Token);
        long goal = FullCounts.Of(4000, 500_000);
        int rounds = FullCounts.Of(2, 8);
        for (int round = 0; round < rounds && load.Problem is null; round++)
        {
            await FromFilesAsync(client, load, goal / (2 * rounds));
            await client.FreeAsync(SmallCluster.MountPath);
            await FromFilesAsync(client, load, goal / (2 * rounds));
            await cluster.KillAsync();
            await cluster.RestartAsync();
        }

        await FromFilesAsync(client, load, goal / (2 * rounds));
        await stop.CancelAsync();
        await reading.Within("the readers");
        output.WriteLine($"{load.Reads} reads, {client.SameHost.Read} from segments' files, {client.SameHost.Changed} found one changed");
        Assert.Null(load.Problem);
        Assert.True(client.SameHost.Changed > 0, "no read met an eviction");
    }

    [Fact]
    public async Task Client_IsStopped_DeletedSegmentsTakeNoSpaceAndTheWorkerGoesOn()
    {
        await using SmallCluster cluster = await StartAsync(Capacity);
        string[] names = [.. Directory.GetFiles(cluster.Source).Select(static f => Path.GetFileName(f))];
        await using ChildProcess reader = ChildProcess.Start(
            static lines => FromFiles(lines) > 300, SameHostReader.Name, cluster.ClusterPath, cluster.Source, FullCounts.FirstSeed);
        await reader.ReachedAsync();
        Signals.Stop(reader.Id);
        try
        {
            await using DoraClient client = await cluster.ConnectAsync();
            for (int round = 0; round < 3; round++)
            {
                await cluster.ReadCheckedAsync(client, names);
                await client.FreeAsync(SmallCluster.MountPath);
            }

            (int deleted, long bytes) = Deleted(reader.Id);
            output.WriteLine($"the stopped client has {deleted} deleted segments open, which take {bytes} bytes");
            Assert.True(deleted > 0, "no segment was deleted that the client has open");
            Assert.Equal(0, bytes);
        }
        finally
        {
            Signals.Continue(reader.Id);
        }

        int before = reader.Lines.Count;
        await Eventually.Async(() => reader.Lines.Count > before + 2, "the client to go on");
        Assert.All(reader.Lines.ToArray(), static l => Assert.DoesNotContain("wrong", l, StringComparison.Ordinal));
        reader.Kill();
        await reader.ExitAsync();
        await using DoraClient last = await cluster.ConnectAsync();
        await cluster.ReadCheckedAsync(last, names);
    }

    [Fact]
    public async Task Worker_WithoutTheOption_IsReadOverThePageChannel()
    {
        await using SmallCluster cluster = await StartAsync(Capacity, "--same-host", "off");
        await AssertReadsOverThePageChannelAsync(cluster);
    }

    [Fact]
    public async Task Socket_ThatIsGone_IsReadOverThePageChannel()
    {
        await using SmallCluster cluster = await StartAsync(Capacity);
        File.Delete(Path.Combine(cluster.Data, "same-host", "socket"));
        await AssertReadsOverThePageChannelAsync(cluster);
    }

    private static async Task AssertReadsOverThePageChannelAsync(SmallCluster cluster)
    {
        await using DoraClient client = await cluster.ConnectAsync();
        using var stop = new CancellationTokenSource();
        var load = new SameHostLoad(client, cluster.Source, FullCounts.FirstSeed);
        Task reading = load.RunAsync(2, stop.Token);
        await Eventually.Async(() => load.Reads > 500 || load.Problem is not null, "500 reads");
        await stop.CancelAsync();
        await reading.Within("the readers");

        Assert.Null(load.Problem);
        Assert.Equal(0, client.SameHost.Read);
    }

    private static long FromFiles(IReadOnlyList<string> lines) => long.Parse(lines[^1].Split(' ')[1], CultureInfo.InvariantCulture);

    /// <summary>Deleted segments that a process has open, and the bytes they take.</summary>
    private static (int Files, long Bytes) Deleted(int process)
    {
        (int files, long bytes) = (0, 0);
        foreach (FileInfo descriptor in new DirectoryInfo($"/proc/{process}/fd").GetFiles())
        {
            if (descriptor.LinkTarget?.EndsWith(".seg (deleted)", StringComparison.Ordinal) == true)
            {
                using SafeFileHandle file = File.OpenHandle(descriptor.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
                files++;
                bytes += new FilePageDevice().AllocatedBytes(file);
            }
        }

        return (files, bytes);
    }

    private static Task FromFilesAsync(DoraClient client, SameHostLoad load, long more)
    {
        long goal = client.SameHost.Read + more;
        return Eventually.Async(() => client.SameHost.Read >= goal || load.Problem is not null, $"{more} reads from segments' files", TimeSpan.FromMinutes(5));
    }

    private static async Task<SmallCluster> StartAsync(long capacity, params string[] arguments)
    {
        var cluster = new SmallCluster(1, capacity, 0, arguments.Length > 0 ? arguments : ["--same-host", "on"]);
        Directory.CreateDirectory(cluster.Source);
        var random = new Random(1);
        for (int i = 0; i < Files; i++)
        {
            byte[] bytes = new byte[FileBytes - random.Next(FileBytes / 2)];
            random.NextBytes(bytes);
            await File.WriteAllBytesAsync(Path.Combine(cluster.Source, i.ToString(CultureInfo.InvariantCulture)), bytes);
        }

        await cluster.StartAsync();
        await using DoraClient client = await cluster.ConnectAsync();
        await client.Mounts.AddAsync(SmallCluster.MountPath, cluster.Source, freshness: "immutable");
        return cluster;
    }
}
