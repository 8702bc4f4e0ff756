using System.Net;
using System.Net.Sockets;
using Dora.Client;
using Dora.Client.Cluster;
using Dora.Interfaces;
using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;
using Dora.PageChannel.Server;
using Dora.Storage.Ufs;
using Dora.Tests.Doubles;
using Dora.Tests.PageChannel.Client;
using Dora.Tests.PageChannel.Server;
using Dora.Tests.Waiting;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dora.Tests.Client;

/// <summary>A client that has the cluster's address and page ports, and no gateway: it connects, reads, lists and follows the cluster all the same.</summary>
public sealed class ChannelClientTests : IDisposable
{
    private readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Client_WithoutGateways_ReadsListsAndFollows()
    {
        await using var cluster = new FakeCluster(3);
        cluster.Store.Put($"{FakeCluster.Root}/f", 1000);
        ListEverywhere(cluster, static (_, _, _) => new UfsListResult(UfsStatus.Ok, [Entry("f")], null));
        await using DoraClient dora = await ConnectAsync(cluster);

        Assert.Equal(1000, (await dora.ReadAllBytesAsync("/data/f")).Length);
        Assert.Equal(["/data/f"], await PathsAsync(dora, "/data"));
        Assert.Equal((TestWorker.ClusterId, 3), (dora.ClusterId, dora.Workers.Length));
        cluster.Publish(cluster.OwnersOf("f")[0]);
        await Eventually.Async(() => dora.Workers.Length == 2, "the client to hear that a worker left");
    }

    [Fact]
    public async Task List_OfManyPages_GivesEveryEntryOnce_WithAllThatIsKnownOfIt()
    {
        await using var cluster = new FakeCluster(3);
        const int Count = 12_345;
        ListEverywhere(cluster, static (_, continuation, limit) =>
        {
            int first = continuation is null ? 0 : int.Parse(continuation, System.Globalization.CultureInfo.InvariantCulture), end = Math.Min(first + limit, Count);
            return new UfsListResult(UfsStatus.Ok, [.. Enumerable.Range(first, end - first).Select(static i => Entry($"n{i:D6}"))], end < Count ? $"{end}" : null);
        });
        await using DoraClient dora = await ConnectAsync(cluster);
        List<FileStat> all = [];

        await foreach (FileStat entry in dora.ListAsync("/data/d"))
        {
            all.Add(entry);
        }

        Assert.Equal(Enumerable.Range(0, Count).Select(static i => $"n{i:D6}"), all.Select(static e => e.Name));
        FileStat last = all[^1];
        Assert.Equal(
            ("/data/d/n012344", $"{FakeCluster.Root}/d/n012344", FileKind.File, 7L, DateTimeOffset.UnixEpoch, 8UL),
            (last.Path, last.UfsPath, last.Kind, last.Length, last.LastModified, last.Version));
        Assert.True(last.LoadedAt > DateTimeOffset.UnixEpoch);
    }

    [Fact]
    public async Task List_TellsLinksDirectoriesAndWhatIsLeftOut()
    {
        await using var cluster = new FakeCluster(1);
        SkippedEntries[] skipped = [new(SkipReason.OutsideLink, 1, ["l"]), new(SkipReason.Fifo, 2, ["p", "q\\n"])];
        UfsEntry directory = new("d", new UfsStat(FileKind.Directory, 0, DateTimeOffset.UnixEpoch, FileVersion.None)) { DirectoryId = new UInt128(5, 6), IsLink = true };
        ListEverywhere(cluster, (_, _, _) => new UfsListResult(UfsStatus.Ok, [directory, Entry("f")], null) { Skipped = skipped, DirectoryId = new UInt128(3, 4) });
        await using DoraClient dora = await ConnectAsync(cluster);
        DoraListing listing = dora.ListAsync("/data");
        List<FileStat> entries = [];

        await foreach (FileStat entry in listing)
        {
            entries.Add(entry);
        }

        Assert.Equal([(new UInt128(5, 6), true), (UInt128.Zero, false)], entries.Select(static e => (e.DirectoryId, e.IsLink)));
        Assert.Equal(new UInt128(3, 4), listing.DirectoryId);
        Assert.Equal(skipped, listing.Skipped);
    }

    [Fact]
    public async Task List_OfVeryLongNames_ComesInSmallerPages()
    {
        await using var cluster = new FakeCluster(1);
        const int Count = 1000;
        ListEverywhere(cluster, static (_, continuation, limit) =>
        {
            int first = continuation is null ? 0 : int.Parse(continuation, System.Globalization.CultureInfo.InvariantCulture), end = Math.Min(first + limit, Count);
            return new UfsListResult(UfsStatus.Ok, [.. Enumerable.Range(first, end - first).Select(static i => Entry($"{i:D4}" + new string('x', 4000)))], end < Count ? $"{end}" : null);
        });
        await using DoraClient dora = await ConnectAsync(cluster);

        Assert.Equal(Count, (await PathsAsync(dora, "/data")).Distinct().Count());
    }

    [Fact]
    public async Task List_LeftEarly_TakesTheNextPageBack()
    {
        await using var cluster = new FakeCluster(1);
        var asked = new TaskCompletionSource();
        ListEverywhere(cluster, (_, continuation, limit) =>
        {
            if (continuation is not null)
            {
                asked.TrySetResult();
            }

            return new UfsListResult(UfsStatus.Ok, [.. Enumerable.Range(0, limit).Select(static i => Entry($"n{i:D5}"))], "more");
        });
        await using DoraClient dora = await ConnectAsync(cluster);

        await foreach (FileStat entry in dora.ListAsync("/data"))
        {
            Assert.Equal("n00000", entry.Name);
            await asked.Task.Within("the next page to be asked for");
            break;
        }
    }

    [Theory]
    [InlineData(UfsStatus.NotFound, DoraErrorCode.NotFound)]
    [InlineData(UfsStatus.NotDirectory, DoraErrorCode.NotDirectory)]
    [InlineData(UfsStatus.Denied, DoraErrorCode.Denied)]
    public async Task List_ThatFails_SaysWhatTheWorkerSaid(object status, DoraErrorCode code)
    {
        await using var cluster = new FakeCluster(3);
        ListEverywhere(cluster, (_, _, _) => new UfsListResult((UfsStatus)status, [], null, "what the store said"));
        await using DoraClient dora = await ConnectAsync(cluster);

        DoraException error = await Assert.ThrowsAsync<DoraException>(() => PathsAsync(dora, "/data/x").Within("the failure"));

        Assert.Equal((code, "'/data/x': what the store said"), (error.Code, error.Message));
    }

    [Fact]
    public async Task Connect_FirstWorkersOfTheTableAreGone_FindsTheOneThatAnswers()
    {
        await using var cluster = new FakeCluster(3);
        cluster.Publish(cluster[new WorkerId("w0")], cluster[new WorkerId("w1")]);
        using var nobody = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        nobody.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        WorkerInfo gone = cluster[new WorkerId("w0")].Info with { PagePort = ((IPEndPoint)nobody.LocalEndPoint!).Port };

        await using DoraClient dora = await ConnectAsync(gone, gone with { Id = new WorkerId("w1") }, cluster[new WorkerId("w2")].Info);

        Assert.Equal(["w2"], dora.Workers.Select(static w => w.Id.Value));
    }

    [Fact]
    public async Task Connect_NobodyOfTheTableAnswers_SaysSoInTime()
    {
        await using var cluster = new FakeCluster(1);
        await cluster[new WorkerId("w0")].KillAsync();

        DoraException error = await Assert.ThrowsAsync<DoraException>(() => ConnectAsync(cluster));

        Assert.Equal(DoraErrorCode.Unavailable, error.Code);
        Assert.Contains($"no worker of cluster '{TestWorker.ClusterId}' at '{_folder.Path}' answered within 3 s: start workers with 'dora up'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_WithAWrongToken_IsToldSoAtOnce()
    {
        await using var cluster = new FakeCluster(2, static o => o with { Authenticator = new SharedSecrets(["secret"u8.ToArray()]) });

        DoraException error = await Assert.ThrowsAsync<DoraException>(() => ConnectAsync(cluster));

        Assert.Equal(DoraErrorCode.Denied, error.Code);
        Assert.Contains("the token is not this cluster's", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_NoCluster_SaysWhatToDo()
    {
        DoraException error = await Assert.ThrowsAsync<DoraException>(() => DoraClient.ConnectAsync(new DoraClientOptions { Cluster = _folder.Path }));

        Assert.Equal(DoraErrorCode.Configuration, error.Code);
        Assert.Contains("there is no cluster at", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Worker_ThatTellsTheView_IsGone_AnotherTellsIt()
    {
        await using var cluster = new FakeCluster(3);
        await using DoraClient dora = await ConnectAsync(cluster);

        foreach (string dead in (string[])["w0", "w1"])
        {
            await cluster[new WorkerId(dead)].KillAsync();
        }

        cluster.Publish(cluster[new WorkerId("w0")], cluster[new WorkerId("w1")]);
        await Eventually.Async(() => dora.Workers.Length == 1, "the client to hear it from the one that is left");
    }

    [Fact]
    public async Task Workers_OfAnEarlierVersion_TheViewComesFromAGrain()
    {
        await using RawServer old = RawServer.Hung(version: PageChannelProtocol.ListVersion - 1);
        (IGrainFactory grains, FakeGrains fakes) = FakeGrains.Create();
        var grain = new FakeViewGrain { View = new ClusterView("c", 7, [WorkerView.From(old.Info)], new MountTableView(3, [])) };
        fakes.Add<IClusterViewGrain>(_ => grain);
        await WriteTableAsync(old.Info);
        await using var pool = new PageChannelPool(new ChannelOptions(), TimeProvider.System, NullLogger.Instance);
        var table = new MembershipTable(ClusterAddress.Parse(_folder.Path), TestWorker.ClusterId);
        var views = new ChannelViews(pool, table, new GrainViews(new GivenGrains(grains)), new DoraClientOptions { Cluster = _folder.Path });

        ViewBody view = await views.GetAsync(default).Within("the view");
        Task<ViewBody> next = views.WaitForChangeAsync(new ClusterSnapshot(7, view.Workers, view.Mounts), TimeSpan.FromSeconds(15), default);
        grain.View = grain.View with { MembershipVersion = 8 };

        Assert.Equal((7, 8), (view.MembershipVersion, (await next.Within("the change")).MembershipVersion));
    }

    private static UfsEntry Entry(string name) => new(name, new UfsStat(FileKind.File, 7, DateTimeOffset.UnixEpoch, new FileVersion(8)));

    private static void ListEverywhere(FakeCluster cluster, Func<string, string?, int, UfsListResult> list)
    {
        foreach (WorkerInfo worker in cluster.Snapshot.Workers)
        {
            cluster[worker.Id].Catalog.OnList = list;
        }
    }

    private static async Task<List<string>> PathsAsync(DoraClient dora, string path)
    {
        List<string> paths = [];
        await foreach (FileStat entry in dora.ListAsync(path))
        {
            paths.Add(entry.Path);
        }

        return paths;
    }

    private Task<DoraClient> ConnectAsync(FakeCluster cluster) => ConnectAsync([.. cluster.Snapshot.Workers]);

    private async Task<DoraClient> ConnectAsync(params WorkerInfo[] workers)
    {
        await WriteTableAsync(workers);
        return await DoraClient.ConnectAsync(new DoraClientOptions { Cluster = _folder.Path, ClusterId = TestWorker.ClusterId, Timeouts = new() { Connect = TimeSpan.FromSeconds(3) } });
    }

    private async Task WriteTableAsync(params WorkerInfo[] workers)
    {
        await using (var database = new SqliteConnection($"Data Source={Path.Combine(_folder.Path, ClusterNames.DatabaseFile)};Pooling=False"))
        {
            await database.OpenAsync();
            await using SqliteCommand command = database.CreateCommand();
            command.CommandText = "CREATE TABLE OrleansMembershipTable (DeploymentId TEXT, Address TEXT, Port INTEGER, Generation INTEGER, SiloName TEXT, Status INTEGER);"
                + string.Concat(workers.Select((w, i) =>
                    $"INSERT INTO OrleansMembershipTable VALUES ('{TestWorker.ClusterId}', '{w.Host}', {i}, {100 - i}, '{new WorkerDescriptor(w.Id, w.PagePort, w.HttpPort, w.Weight).ToSiloName()}', 3);"));
            await command.ExecuteNonQueryAsync();
        }
    }
}
