using Dora.Storage.Files;
using Dora.Storage.Pages;
using Dora.Storage.Pages.Index;
using Dora.Storage.Ufs;
using Dora.Tests.Doubles;
using Dora.Tests.Storage.Pages;
using Dora.Tests.Waiting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dora.Tests.Storage.Files;

/// <summary>The thread that receives asks no disk, whatever a store knows: not after a restart, and not while the index is being loaded.</summary>
public sealed class WarmRestartTests : IDisposable
{
    private const int Grid = PageGeometry.ExtentGrid;

    private readonly TempDirectory _temporary = new();
    private readonly InMemoryUfs _store = new();
    private readonly FaultyPageDevice _disk = new();
    private readonly ReceivingThread _receiving = new();
    private readonly Mount _mount = new(DoraPath.Parse("/m"), UfsUri.Parse("memory://root"), 256 * 1024, default);

    public WarmRestartTests()
    {
        _disk.OnRead = () => _receiving.Note("read");
        _disk.OnPunch = () => _receiving.Note("punch");
    }

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public async Task Reopened_OnlyWhatAnotherThreadCheckedIsWarm()
    {
        (FileMetadata file, byte[] content) = Write("f", 4 * Grid);
        await using (SegmentPageStore before = await OpenAsync())
        {
            await ReadAsync(before, file, 0, 4 * Grid);
        }

        await using SegmentPageStore store = await OpenAsync();
        await using FileReader reader = Reader(store);
        Assert.False(TryReadWarm(reader, file, 0, 100, content));
        Assert.Equal(0, Locate(reader, file, 0, 100));

        await Task.Run(() => ReadAsync(store, file, 0, 100));
        TryReadWarm(reader, file, 0, 100, content); // where the file system cannot read without waiting, no is right
        Assert.Equal(0, Locate(reader, file, 0, 100)); // the epochs of the segment were not read yet
        Assert.False(TryReadWarm(reader, file, Grid, 100, content));

        await Task.Run(() => reader.Locate(file, new ByteRange(0, 100), 0, mayWait: true, new PageLocation[1], out _));
        Assert.Equal(1, Locate(reader, file, 0, 100));
        Assert.Empty(_receiving.Touched);
    }

    [Fact]
    public async Task JustStored_NotCheckedYet_IsNotWarm()
    {
        (FileMetadata file, byte[] content) = Write("f", 4 * Grid);
        await using SegmentPageStore store = await OpenAsync();
        await using FileReader reader = Reader(store);
        await reader.LoadAsync(file, new ByteRange(0, 4 * Grid), default);

        Assert.False(TryReadWarm(reader, file, 0, 100, content));
        Assert.Empty(_receiving.Touched);
    }

    [Fact]
    public async Task ShardOfTheIndexNotLoadedYet_IsNotWarm()
    {
        // The background loads from shard 0 on, and is held there.
        (FileMetadata file, byte[] content) = Enumerable.Range(0, 100).Select(i => Write($"f{i}", Grid)).First(static f => ShardHash.ShardOf(f.File.Id) > 1);
        (FileMetadata first, _) = Enumerable.Range(0, 10_000).Select(i => Write($"g{i}", Grid)).First(static f => ShardHash.ShardOf(f.File.Id) == 0);
        await using (SegmentPageStore before = await OpenAsync())
        {
            await ReadAsync(before, file, 0, Grid);
            await ReadAsync(before, first, 0, Grid);
        }

        using var go = new ManualResetEventSlim();
        int here = Environment.CurrentManagedThreadId;
        _disk.OnRead = () =>
        {
            _receiving.Note("read");
            if (Environment.CurrentManagedThreadId != here)
            {
                go.Wait();
            }
        };
        SegmentPageStore store = SegmentPageStore.Open(Options, TimeProvider.System, NullLogger.Instance, _disk);
        try
        {
            FileReader reader = Reader(store);
            Assert.False(TryReadWarm(reader, file, 0, 100, content));
            Assert.Equal(0, Locate(reader, file, 0, 100));
            Assert.Empty(_receiving.Touched);
        }
        finally
        {
            go.Set();
            await store.DisposeAsync();
        }
    }

    [Fact]
    public async Task RemovedUnderAWarmLease_IsGivenBackByAnotherThread()
    {
        (FileMetadata file, _) = Write("f", Grid);
        await using SegmentPageStore store = await OpenAsync();
        await ReadAsync(store, file, 0, Grid);
        await ReadAsync(store, file, 0, Grid);
        long used = store.Statistics.Bytes;
        var page = new PageKey(file.Id, file.Version, 0);

        Assert.True(_receiving.Run(() => store.TryLease(page, 0, 100, LocateMode.Warm, out _lease)));
        await Task.Run(() => store.Remove(file.Id, FileVersion.None));
        Assert.Equal(used, store.Statistics.Bytes);
        _receiving.Run(() =>
        {
            _lease.Dispose();
            return true;
        });

        await Eventually.Async(() => store.Statistics.Bytes < used, "the bytes to be given back");
        Assert.Empty(_receiving.Touched);
    }

    private PageLease _lease;

    private PageStoreOptions Options => new() { Directory = _temporary.Path, CapacityBytes = 64 << 20, ScrubBytesPerSecond = 1 };

    private Task<SegmentPageStore> OpenAsync() => SegmentStores.OpenAsync(Options, TimeProvider.System, _disk);

    private FileReader Reader(SegmentPageStore pages) =>
        new(pages, new UfsProvider([new("memory", _ => _store)]), new OneMount(_mount), new FileReaderOptions());

    private (FileMetadata File, byte[] Content) Write(string path, int length)
    {
        byte[] content = new byte[length];
        new Random(length).NextBytes(content);
        UfsStat stat = _store.Write(path, content);
        return (new FileMetadata(_mount.Ufs.Combine(path), FileKind.File, length, stat.LastModified, stat.Version, DateTimeOffset.UnixEpoch), content);
    }

    private async Task ReadAsync(SegmentPageStore store, FileMetadata file, long offset, int length)
    {
        await using FileReader reader = Reader(store);
        FileReadResult result = await reader.ReadAsync(file, new ByteRange(offset, length), new byte[length], FileReadMode.Cached, default);
        Assert.Equal((DoraErrorCode.None, length), (result.Code, result.Bytes));
    }

    private bool TryReadWarm(FileReader reader, FileMetadata file, long offset, int length, byte[] content)
    {
        byte[] buffer = new byte[length];
        bool isWarm = _receiving.Run(() => reader.TryReadWarm(file, new ByteRange(offset, length), buffer));
        Assert.True(!isWarm || buffer.AsSpan().SequenceEqual(content.AsSpan((int)offset, length)));
        return isWarm;
    }

    private int Locate(FileReader reader, FileMetadata file, long offset, int length) =>
        _receiving.Run(() => reader.Locate(file, new ByteRange(offset, length), offset + length, mayWait: false, new PageLocation[1], out _));

    private sealed class OneMount(Mount mount) : IClusterState
    {
        public ClusterSnapshot Current { get; } = ClusterSnapshot.Empty.With(new MountTable(1, [mount]));
    }
}
