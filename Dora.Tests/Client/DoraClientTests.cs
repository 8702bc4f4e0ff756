using Dora.Client;
using Dora.Storage.Pages;
using Dora.Interfaces;
using Dora.Storage.Files;
using Dora.Tests.Doubles;
using Dora.Tests.Waiting;

namespace Dora.Tests.Client;

/// <summary>What a program sees of a healthy cluster.</summary>
public sealed class DoraClientTests
{
    [Fact]
    public async Task Read_AnyRange_GivesTheStoresBytes()
    {
        await using var cluster = new FakeCluster(3);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/a/b.bin", 5_000_017);
        await using DoraClient dora = await cluster.ConnectAsync();
        await using DoraFile file = await dora.OpenReadAsync("/data/a/b.bin");
        var random = new Random(3);

        Assert.Equal((5_000_017L, "/data/a/b.bin", 1UL), (file.Length, file.Path, file.Version.Value));
        for (int i = 0; i < 50; i++)
        {
            long offset = random.Next(content.Length + 10);
            byte[] buffer = new byte[random.Next(i % 5 == 0 ? 4_000_000 : 100_000)];
            int expected = (int)Math.Clamp(content.Length - offset, 0, buffer.Length);

            Assert.Equal(expected, await file.ReadAsync(offset, buffer));
            Assert.True(buffer.AsSpan(0, expected).SequenceEqual(content.AsSpan((int)Math.Min(offset, content.Length), expected)));
        }

        Assert.Equal(content, await dora.ReadAllBytesAsync("/data/a/b.bin"));
    }

    [Fact]
    public async Task Read_BeyondWhatTheWorkerGrants_IsSplit()
    {
        await using var cluster = new FakeCluster(1, o => o with { MaxReadLength = 10_000 });
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", 123_456);
        await using DoraClient dora = await cluster.ConnectAsync();

        Assert.Equal(content, await dora.ReadAllBytesAsync("/data/f"));
    }

    [Fact]
    public async Task File_Empty_ReadsNothing()
    {
        await using var cluster = new FakeCluster(1);
        cluster.Store.Put($"{FakeCluster.Root}/empty", 0);
        await using DoraClient dora = await cluster.ConnectAsync();
        await using DoraFile file = await dora.OpenReadAsync("/data/empty");

        Assert.Equal(0, await file.ReadAsync(0, new byte[10]));
        Assert.Empty(await dora.ReadAllBytesAsync("/data/empty"));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(async () => await file.ReadAsync(-1, new byte[1]));
    }

    [Fact]
    public async Task Stat_FirstAndFresh_AskNoGrain_AndReadsNever()
    {
        await using var cluster = new FakeCluster(3);
        cluster.Store.Put($"{FakeCluster.Root}/f", 100);
        await using DoraClient dora = await cluster.ConnectAsync();

        FileStat stat = await dora.StatAsync("/data/f");
        await dora.StatAsync("/data/f");
        await dora.ReadAllBytesAsync("/data/f");

        Assert.Equal(("/data/f", $"{FakeCluster.Root}/f", FileKind.File, 100L), (stat.Path, stat.UfsPath, stat.Kind, stat.Length));
        Assert.Equal(0, cluster.GrainStats);
        Assert.All(cluster.OwnersOf("f").Skip(1), static w => Assert.Empty(w.Reader.Modes));
    }

    [Fact]
    public async Task Stat_Directories_AreFound()
    {
        await using var cluster = new FakeCluster(2);
        cluster.Store.Put($"{FakeCluster.Root}/dir/f", 1);
        await using DoraClient dora = await cluster.ConnectAsync();

        Assert.Equal(FileKind.Directory, (await dora.StatAsync("/data/dir")).Kind);
        Assert.Equal(FileKind.Directory, (await dora.StatAsync("/")).Kind);
        DoraException error = await Assert.ThrowsAsync<DoraException>(() => dora.OpenReadAsync("/data/dir"));
        Assert.Equal(DoraErrorCode.IsDirectory, error.Code);
    }

    [Theory]
    [InlineData("/data/none", DoraErrorCode.NotFound, "'/data/none' does not exist")]
    [InlineData("/elsewhere/f", DoraErrorCode.NotMounted, "'/elsewhere/f' is under no mount")]
    [InlineData("data/f", DoraErrorCode.InvalidPath, "does not start with '/'")]
    [InlineData("/data/../f", DoraErrorCode.InvalidPath, "'..'")]
    public async Task Open_OfNothing_SaysWhatAndWhatToDo(string path, DoraErrorCode code, string message)
    {
        await using var cluster = new FakeCluster(3);
        await using DoraClient dora = await cluster.ConnectAsync();

        for (int time = 0; time < 2; time++)
        {
            // The second time the worker knows, and answers on the thread that receives.
            DoraException error = await Assert.ThrowsAsync<DoraException>(() => dora.OpenReadAsync(path));

            Assert.Equal(code, error.Code);
            Assert.Contains(message, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain('\n', error.Message);
        }
    }

    [Fact]
    public async Task TryStat_OfNothing_IsNull()
    {
        await using var cluster = new FakeCluster(2);
        await using DoraClient dora = await cluster.ConnectAsync();

        Assert.Null(await dora.TryStatAsync("/data/none"));
        Assert.Null(await dora.TryStatAsync("/nowhere"));
    }

    [Fact]
    public async Task List_SeveralPages_GivesAllEntriesInOrder()
    {
        await using var cluster = new FakeCluster(1);
        cluster.OnList = static (path, continuation) => continuation switch
        {
            null => new ListReply(DoraErrorCode.None, null, [Entry("a"), Entry("b")], "2", 0),
            "2" => new ListReply(DoraErrorCode.None, null, [Entry("c")], null, 0),
            _ => throw new InvalidOperationException(continuation),
        };
        await using DoraClient dora = await cluster.ConnectAsync();
        List<string> names = [];

        await foreach (FileStat entry in dora.ListAsync("/data"))
        {
            names.Add(entry.Name);
        }

        Assert.Equal(["a", "b", "c"], names);

        static FileStat Entry(string name) => new($"/data/{name}", "", FileKind.File, 1, default, 1, default);
    }

    [Fact]
    public async Task List_WhatIsLeftOut_IsKnownWithThePages()
    {
        await using var cluster = new FakeCluster(1);
        cluster.OnList = static (path, continuation) => new ListReply(DoraErrorCode.None, null, [new("/data/a", "", FileKind.File, 1, default, 1, default)], continuation is null ? "2" : null, 1)
        {
            SkippedEntries = [new SkippedEntries(SkipReason.Fifo, 1, [continuation ?? "first"])],
            DirectoryId = continuation is null ? 7 : 8u,
        };
        await using DoraClient dora = await cluster.ConnectAsync();
        DoraListing listing = dora.ListAsync("/data/");
        Assert.Equal(("/data", UInt128.Zero), (listing.Path, listing.DirectoryId));

        for (int time = 0; time < 2; time++)
        {
            int entries = 0;
            await foreach (FileStat entry in listing)
            {
                Assert.Equal(++entries, listing.Skipped.Sum(static s => s.Count));
            }

            Assert.Equal([new SkippedEntries(SkipReason.Fifo, 2, ["first", "2"])], listing.Skipped);
            Assert.Equal(7u, listing.DirectoryId);
        }
    }

    [Fact]
    public async Task List_OfNothing_Throws()
    {
        await using var cluster = new FakeCluster(1);
        await using DoraClient dora = await cluster.ConnectAsync();

        DoraException error = await Assert.ThrowsAsync<DoraException>(async () => await dora.ListAsync("/data/none").GetAsyncEnumerator().MoveNextAsync());

        Assert.Equal(DoraErrorCode.NotFound, error.Code);
    }

    [Fact]
    public async Task View_Changes_AreFollowed()
    {
        await using var cluster = new FakeCluster(3);
        await using DoraClient dora = await cluster.ConnectAsync();
        Assert.Equal(["w0", "w1", "w2"], dora.Workers.Select(static w => w.Id.Value));
        Assert.Equal(["/data"], dora.Mounts.Current.Select(static m => m.Path.Value));

        cluster.Publish(cluster[new WorkerId("w1")]);

        await Eventually.Async(() => dora.Workers.Length == 2, "the client to hear that a worker left");
    }

    [Fact]
    public async Task Connect_WrongOptions_NamesAllOfThem()
    {
        var options = new DoraClientOptions { Cluster = "/x", Timeouts = new() { Request = TimeSpan.Zero }, Reads = new() { ParallelChunks = 0 } };

        DoraException error = await Assert.ThrowsAsync<DoraException>(() => DoraClient.ConnectAsync(options));

        Assert.Contains("Timeouts.Request", error.Message, StringComparison.Ordinal);
        Assert.Contains("Reads.ParallelChunks", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_NoCluster_SaysWhatToDo()
    {
        using var folder = new TempDirectory();

        DoraException error = await Assert.ThrowsAsync<DoraException>(() => DoraClient.ConnectAsync(new DoraClientOptions { Cluster = folder.Path }));

        Assert.Equal(DoraErrorCode.Configuration, error.Code);
        Assert.Contains("dora up --data", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stream_CarriesTheSequentialHint()
    {
        await using var cluster = new FakeCluster(1);
        byte[] content = cluster.Store.Put($"{FakeCluster.Root}/f", 1_000_000);
        await using DoraClient dora = await cluster.ConnectAsync();
        await using DoraFile file = await dora.OpenReadAsync("/data/f");
        using var copy = new MemoryStream();

        await file.AsStream().CopyToAsync(copy);

        Assert.Equal(content, copy.ToArray());
        Assert.All(cluster.OwnersOf("f")[0].Reader.Modes, static m => Assert.Equal(FileReadMode.Sequential, m));
    }

    [Fact]
    public async Task Cache_SaysWhoHasHowMuchOfWhichVersion_TheOwnerFirst()
    {
        await using var cluster = new FakeCluster(3);
        FakeWorker[] owners = cluster.OwnersOf("f");
        var file = FileId.FromUfsPath($"{FakeCluster.Root}/f");
        owners[0].Held[file] = new HeldPages(new FileVersion(2), 1000);
        owners[2].Held[file] = new HeldPages(new FileVersion(1), 300);
        await using DoraClient dora = await cluster.ConnectAsync();

        IReadOnlyList<IReadOnlyList<CachedCopy>> found = await dora.Cache.FindAsync([.. Enumerable.Range(0, 600).Select(static i => $"/data/{i}"), "/data/f"]);

        Assert.All(found.Take(600), Assert.Empty);
        Assert.Equal([new CachedCopy(owners[0].Info.Id, new FileVersion(2), 1000, true), new CachedCopy(owners[2].Info.Id, new FileVersion(1), 300, false)], found[^1]);
        await owners[1].KillAsync();
        DoraException e = await Assert.ThrowsAsync<DoraException>(() => dora.Cache.FindAsync("/data/f"));
        Assert.Equal(DoraErrorCode.Unavailable, e.Code);
        Assert.Contains($"'{owners[1].Info.Id}'", e.Message, StringComparison.Ordinal);
    }
}
