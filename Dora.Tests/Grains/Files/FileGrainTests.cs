using Dora.Interfaces;
using Dora.Storage.Files;
using Dora.Storage.Ufs;
using Dora.Tests.Grains.Doubles;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;
using Eventually = Dora.Tests.Waiting.Eventually;

namespace Dora.Tests.Grains.Files;

[Trait("Category", "Cluster")]
public sealed class FileGrainTests(GrainClusterFixture fixture) : IClassFixture<GrainClusterFixture>
{
    private readonly GrainCluster _cluster = fixture.Cluster;

    [Fact]
    public async Task Stat_File_TellsWhatTheStoreHas()
    {
        (await _cluster.MountAsync("/stat", "stat")).Add("dir/f", 42);

        FileReply file = await _cluster.File("/stat/dir/f").StatAsync(false, default);
        FileReply directory = await _cluster.File("/stat/dir").StatAsync(false, default);

        Assert.Equal((DoraErrorCode.None, FileKind.File, 42L, "memory://stat/dir/f"), (file.Code, file.Stat!.Kind, file.Stat.Length, file.Stat.UfsPath));
        Assert.NotEqual(0ul, file.Stat.Version);
        Assert.Equal(FileKind.Directory, directory.Stat!.Kind);
    }

    [Fact]
    public async Task Stat_ManyAtOnce_AskTheStoreOnce()
    {
        MemoryUfs store = await _cluster.MountAsync("/once", "once");
        store.Add("f", 1);
        var gate = new TaskCompletionSource();
        store.Gate = gate.Task;
        int before = store.Stats;

        Task<FileReply>[] asking = [.. Enumerable.Range(0, 50).Select(i => Caller(i).GetGrain<IFileGrain>("/once/f").StatAsync(false, default))];
        await Eventually.Async(() => store.Stats > before, "the store is asked");
        gate.SetResult();
        FileReply[] replies = await Task.WhenAll(asking);

        Assert.All(replies, static r => Assert.Equal(DoraErrorCode.None, r.Code));
        Assert.Equal(before + 1, store.Stats);
    }

    [Fact]
    public async Task Stat_Refresh_AsksTheStoreAgain()
    {
        MemoryUfs store = await _cluster.MountAsync("/refresh", "refresh");
        store.Add("f", 1);
        await _cluster.File("/refresh/f").StatAsync(false, default);
        store.Add("f", 2);

        Assert.Equal(1, (await _cluster.File("/refresh/f").StatAsync(false, default)).Stat!.Length);
        Assert.Equal(2, (await _cluster.File("/refresh/f").StatAsync(true, default)).Stat!.Length);
    }

    [Theory]
    [InlineData("/missing/nothing", DoraErrorCode.NotFound, "'/missing/nothing' does not exist")]
    [InlineData("/elsewhere", DoraErrorCode.NotMounted, "'/elsewhere' is under no mount")]
    [InlineData("/missing//x", DoraErrorCode.InvalidPath, "not normalized")]
    [InlineData("relative", DoraErrorCode.InvalidPath, "does not start with '/'")]
    public async Task Stat_NoResult_SaysWhyInOneLine(string path, DoraErrorCode code, string words)
    {
        await _cluster.Client.GetGrain<IMountTableGrain>(IMountTableGrain.Key).AddAsync(new MountView("/missing", "memory://missing", 0, "immutable"), default);

        FileReply reply = await _cluster.File(path).StatAsync(false, default);

        Assert.Equal(code, reply.Code);
        Assert.Contains(words, reply.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', reply.Message!);
    }

    [Fact]
    public async Task Stat_StoreRefuses_IsAValue()
    {
        MemoryUfs store = await _cluster.MountAsync("/refused", "refused");
        store.Refuse = UfsStatus.Unavailable;

        Assert.Equal(DoraErrorCode.Unavailable, (await _cluster.File("/refused/f").StatAsync(false, default)).Code);
    }

    [Fact]
    public async Task Stat_RootAndDirectoriesAboveMounts_AreDirectories()
    {
        await _cluster.MountAsync("/above/deep/m", "above");

        foreach (string path in new[] { "/", "/above", "/above/deep", "/above/deep/m" })
        {
            Assert.Equal(FileKind.Directory, (await _cluster.File(path).StatAsync(false, default)).Stat?.Kind);
        }
    }

    [Fact]
    public async Task List_ThroughMounts_PagesWithContinuation()
    {
        MemoryUfs store = await _cluster.MountAsync("/list", "list");
        foreach (int i in Enumerable.Range(0, 25))
        {
            store.Add($"f{i:00}", i);
        }

        await _cluster.MountAsync("/list/f10m", "list-inner");
        List<string> names = [];
        string? continuation = null;
        do
        {
            ListReply page = await _cluster.File("/list").ListAsync(continuation, 10, default);
            names.AddRange(page.Entries.Select(static e => e.Name));
            continuation = page.Continuation;
        }
        while (continuation is not null);

        Assert.Equal(Enumerable.Range(0, 25).Select(static i => $"f{i:00}").Append("f10m").Order(StringComparer.Ordinal), names);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10_001)]
    public async Task List_LimitOutOfRange_IsRefused(int limit) =>
        Assert.Equal(DoraErrorCode.InvalidArgument, (await _cluster.File("/").ListAsync(null, limit, default)).Code);

    [Fact]
    public async Task LoadFreeInvalidate_File_CachesAndDropsOnItsOwner()
    {
        MemoryUfs store = await _cluster.MountAsync("/load", "load");
        store.Add("f", 1000);
        IFileGrain file = _cluster.File("/load/f");

        LoadReply loaded = await file.LoadAsync(0, LoadLimits.MaxBytesPerCall, null, default);
        Assert.Equal((DoraErrorCode.None, 1000L), (loaded.Code, loaded.BytesLoaded));
        Assert.Single(_cluster.Storage, static s => s.Cached.Contains(FileId.FromUfsPath("memory://load/f")));

        FreeReply freed = await file.FreeAsync(default);
        Assert.Equal((1L, 1000L), (freed.Files, freed.Bytes));
        int asked = store.Stats;
        await file.StatAsync(false, default);
        Assert.Equal(asked, store.Stats);

        Assert.Equal(1, (await file.InvalidateAsync(default)).Files);
        await file.StatAsync(false, default);
        Assert.Equal(asked + 1, store.Stats);
    }

    [Fact]
    public async Task Invalidate_WhileABatchOfTheWorkerLoads_WaitsForItAndNothingComesBack()
    {
        (await _cluster.MountAsync("/turns", "turns")).Add("f", 10);
        FileStat stat = (await _cluster.File("/turns/f").StatAsync(false, default)).Stat!;
        (InProcessSiloHandle owner, MemoryWorkerStorage storage) = OwnerOf(stat);
        var gate = new TaskCompletionSource();
        storage.OnLoad = (file, _) => file.UfsPath == stat.UfsPath ? gate.Task : Task.CompletedTask;
        int loads = storage.Loads;
        Task<LoadBatchReply> batch = _cluster.Client.GetGrain<IWorkerBatchGrain>(GrainCluster.WorkerOf(owner).Value).LoadAsync(new LoadBatch([stat], 1), default);
        await Eventually.Async(() => storage.Loads > loads, "the batch loads the file");

        Task<FreeReply> invalidate = _cluster.File("/turns/f").InvalidateAsync(default);
        await Eventually.Async(() => Turns(owner).Waiting > 0, "the grain waits for the file's turn");
        gate.SetResult();

        Assert.Equal((DoraErrorCode.None, 1, 10L), ((await batch).Code, (await batch).Begun, (await batch).BytesLoaded));
        Assert.Equal((1L, 10L), ((await invalidate).Files, (await invalidate).Bytes));
        Assert.DoesNotContain(storage.Cached, static f => f == FileId.FromUfsPath("memory://turns/f"));
        storage.OnLoad = static (_, _) => Task.CompletedTask;
    }

    [Fact]
    public async Task Invalidate_DropsWhatOtherWorkersHaveOfTheFile()
    {
        (await _cluster.MountAsync("/copies", "copies")).Add("f", 10);
        FileStat stat = (await _cluster.File("/copies/f").StatAsync(false, default)).Stat!;
        InProcessSiloHandle other = _cluster.Orleans.Silos.Single(s => s != OwnerOf(stat).Silo);
        await _cluster.Client.GetGrain<IWorkerBatchGrain>(GrainCluster.WorkerOf(other).Value).LoadAsync(new LoadBatch([stat], 1), default);
        Assert.Contains(FileId.FromUfsPath(stat.UfsPath), _cluster.StorageOf(other).Cached);

        FreeReply reply = await _cluster.File("/copies/f").InvalidateAsync(default);

        // Known to its owner, and held by another worker: a copy.
        Assert.Equal((DoraErrorCode.None, 1L, 0L, 10L), (reply.Code, reply.Files, reply.Bytes, reply.CopyBytes));
        Assert.DoesNotContain(FileId.FromUfsPath(stat.UfsPath), _cluster.StorageOf(other).Cached);
        Assert.Null(_cluster.StorageOf(other).Get(FileId.FromUfsPath(stat.UfsPath)));
    }

    [Fact]
    public async Task Batch_SomeFilesFail_SaysWhich()
    {
        MemoryUfs store = await _cluster.MountAsync("/batch", "batch");
        foreach (int i in Enumerable.Range(0, 5))
        {
            store.Add($"f{i}", 10);
        }

        FileStat[] files = [.. (await _cluster.File("/batch").ListAsync(null, 10, default)).Entries];
        files[1] = files[1] with { Path = "/not-mounted/f1" };
        InProcessSiloHandle worker = _cluster.Orleans.Silos[0];
        _cluster.StorageOf(worker).OnLoad = static (file, _) => file.UfsPath.EndsWith("batch/f3", StringComparison.Ordinal) ? throw new IOException("no luck") : Task.CompletedTask;

        LoadBatchReply reply = await _cluster.Client.GetGrain<IWorkerBatchGrain>(GrainCluster.WorkerOf(worker).Value).LoadAsync(new LoadBatch(files, 2), default);

        Assert.Equal((DoraErrorCode.None, 5, 30L), (reply.Code, reply.Begun, reply.BytesLoaded));
        Assert.Equal([(1, DoraErrorCode.NotMounted), (3, DoraErrorCode.Unavailable)], reply.Failures.Select(static f => (f.Index, f.Code)));
        Assert.Contains("no luck", reply.Failures[1].Message, StringComparison.Ordinal);
        _cluster.StorageOf(worker).OnLoad = static (_, _) => Task.CompletedTask;
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(LoadBatch.MaxFiles + 1, 1)]
    [InlineData(1, 0)]
    public async Task Batch_OutOfBounds_IsRefused(int files, int parallelism)
    {
        var stat = new FileStat("/f", "memory://f", FileKind.File, 1, default, 1, default);
        IWorkerBatchGrain worker = _cluster.Client.GetGrain<IWorkerBatchGrain>(GrainCluster.WorkerOf(_cluster.Orleans.Silos[0]).Value);

        Assert.Equal(DoraErrorCode.InvalidArgument, (await worker.LoadAsync(new LoadBatch([.. Enumerable.Repeat(stat, files)], parallelism), default)).Code);
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, LoadLimits.MaxBytesPerCall + 1)]
    [InlineData(long.MaxValue, 1)]
    public async Task Load_RangeOutOfBounds_IsRefused(long offset, long length) =>
        Assert.Equal(DoraErrorCode.InvalidArgument, (await _cluster.File("/any").LoadAsync(offset, length, null, default)).Code);

    [Fact]
    public async Task Load_Directory_IsRefused()
    {
        (await _cluster.MountAsync("/dirs", "dirs")).Add("d/f", 1);

        Assert.Equal(DoraErrorCode.IsDirectory, (await _cluster.File("/dirs/d").LoadAsync(0, 1, null, default)).Code);
    }

    [Fact]
    public async Task WorkerFree_Prefix_DropsWhatEachWorkerHas()
    {
        MemoryUfs store = await _cluster.MountAsync("/prefix", "prefix");
        foreach (int i in Enumerable.Range(0, 20))
        {
            store.Add($"d/f{i}", 10);
            await _cluster.File($"/prefix/d/f{i}").LoadAsync(0, 10, null, default);
        }

        FreeReply[] replies = await Task.WhenAll(_cluster.Orleans.Silos.Select(s =>
            _cluster.Client.GetGrain<IWorkerGrain>(GrainCluster.WorkerOf(s).Value).FreeAsync("/prefix/d", true, default)));

        Assert.Equal((20L, 200L), (replies.Sum(static r => r.Files), replies.Sum(static r => r.Bytes)));
        Assert.DoesNotContain(_cluster.Storage, static s => s.EnumerateUnder("memory://prefix/d").Any());
    }

    private (InProcessSiloHandle Silo, MemoryWorkerStorage Storage) OwnerOf(FileStat file)
    {
        InProcessSiloHandle owner = _cluster.Orleans.Silos.Single(
            s => s.SiloAddress.Equals(GrainCluster.StateOf(s).Map.OwnerOf(FileId.FromUfsPath(file.UfsPath))));
        return (owner, _cluster.StorageOf(owner));
    }

    private static FileTurns Turns(InProcessSiloHandle silo) => silo.ServiceProvider.GetRequiredService<FileTurns>();

    // From the client and from both silos, as it is in a cluster.
    private IGrainFactory Caller(int i) => i % 3 == 0
        ? _cluster.Client
        : (IGrainFactory)_cluster.Orleans.Silos[i % 2].ServiceProvider.GetService(typeof(IGrainFactory))!;
}
