using Dora.PageChannel.Codec;
using Dora.Silo.Files;
using Dora.Silo.PageChannel;
using Dora.Silo.Peers;
using Dora.Storage.Files;
using Dora.Storage.Metadata;
using Dora.Storage.Ufs;
using Dora.Tests.Doubles;
using Dora.Tests.Grains.Doubles;
using Dora.Tests.Storage.Metadata;
using Dora.Tests.Waiting;

namespace Dora.Tests.Silo.PageChannel;

/// <summary>The thread that receives takes metadata from memory alone: it asks no RocksDB, and waits for nobody who does.</summary>
public sealed class WarmMetadataTests : IDisposable
{
    private static readonly Mount Mount = new(DoraPath.Parse("/m"), UfsUri.Parse("memory://root"), 256 * 1024, default);

    private readonly MetadataFixture _fixture = new();
    private readonly ReceivingThread _receiving = new();
    private readonly InMemoryUfs _store = new();
    private readonly RefusingDisk _disk;
    private readonly TwoLevelMetadataStore _metadata;
    private readonly PageRequestHandler _handler;

    public WarmMetadataTests()
    {
        // Memory for one file: another one pushes it out.
        _fixture.Options = _fixture.Options with { MemoryEntries = 1 };
        _disk = new RefusingDisk(_fixture.OpenDisk()) { AfterRead = () => _receiving.Note("RocksDB") };
        _metadata = new TwoLevelMetadataStore(_fixture.Options, _disk, _fixture.Time, _fixture);
        var stores = new UfsProvider([new("memory", _ => _store)]);
        var worker = new MemoryWorkerStorage(stores);
        var catalog = new FileCatalog(_metadata, worker, stores, new FileCatalogOptions(), _fixture.Time);
        var files = new WorkerStores(catalog, worker, new FileChanges(catalog, worker, new FileTurns()));
        _handler = new PageRequestHandler(new WorkerId("w0"), new OneWorker(), new WorkerFiles(files, _fixture.Time), ForeignReads.Create(1, _fixture.Time));
        _store.Write("a", new byte[10]);
        _store.Write("b", new byte[20]);
    }

    public void Dispose()
    {
        _metadata.Dispose();
        _fixture.Dispose();
    }

    [Fact]
    public async Task OnDiskOnly_IsHandedOver_AndIsWarmThen()
    {
        await StatAsync("/m/a");
        await StatAsync("/m/b");

        Assert.False(_receiving.Run(() => TryStat("/m/a")));
        Assert.False(_receiving.Run(() => TryReadFile("/m/a")));
        await Task.Run(() => StatAsync("/m/a"));
        Assert.True(_receiving.Run(() => TryStat("/m/a")));
        Assert.Empty(_receiving.Touched);
    }

    [Fact]
    public async Task DiskIsBeingWritten_IsHandedOver_AndNotWaitedFor()
    {
        await StatAsync("/m/a");
        await StatAsync("/m/b");
        using var go = new ManualResetEventSlim();
        var writing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _disk.BeforeWrite = () =>
        {
            writing.TrySetResult();
            go.Wait();
        };
        Task writer = Task.Run(() => _metadata.Put(_fixture.File("memory://root/c")));
        try
        {
            await writing.Task.Within("the write to begin");
            Assert.False(await Task.Run(() => TryStat("/m/a")).Within("the answer"));
        }
        finally
        {
            go.Set();
            await writer;
        }
    }

    private async Task StatAsync(string path) =>
        Assert.Equal(PageChannelStatus.Ok, (await _handler.StatAsync(path, StatFlags.None, default)).Status);

    private bool TryStat(string path) => _handler.TryStatWarm(new StatRequest { Path = System.Text.Encoding.UTF8.GetBytes(path) }, out _);

    private bool TryReadFile(string path) => _handler.TryReadFileWarm(
        new ReadFileRequest { Path = System.Text.Encoding.UTF8.GetBytes(path), MaxLength = 100 }, new byte[100], out _);

    private sealed class OneWorker : IClusterState
    {
        public ClusterSnapshot Current { get; } =
            new(1, [new WorkerInfo(new WorkerId("w0"), "127.0.0.1", 1, 0, WorkerDescriptor.DefaultWeight)], new MountTable(1, [Mount]));
    }
}
