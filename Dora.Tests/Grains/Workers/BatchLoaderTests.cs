using System.Net;
using Dora.Grains.Files;
using Dora.Grains.Workers;
using Dora.Interfaces;
using Dora.Storage.Files;
using Dora.Tests.Storage.Files;
using Dora.Tests.Waiting;

namespace Dora.Tests.Grains.Workers;

/// <summary>A batch ends in time, whatever one of its files does.</summary>
public sealed class BatchLoaderTests : IAsyncLifetime
{
    private readonly FileFixture _fixture = new();
    private readonly BatchLoader _loader;

    public BatchLoaderTests() => _loader = new BatchLoader(_fixture.Changes, _fixture.Catalog, _fixture.Cluster, new Here(), _fixture.Time);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _fixture.DisposeAsync();

    [Fact]
    public async Task Load_Listed_AsksTheStoreForBytesOnly()
    {
        FileStat[] files = [.. Enumerable.Range(0, 20).Select(i => Write($"d/f{i}", 100 + i))];

        LoadBatchReply reply = await _loader.LoadAsync(new LoadBatch(files, 3), CancellationToken.None);

        Assert.Equal((DoraErrorCode.None, 20, files.Sum(static f => f.Length), 0L), (reply.Code, reply.Begun, reply.BytesLoaded, reply.BytesPresent));
        Assert.Empty(reply.Failures);
        Assert.Empty(reply.Slow);
        Assert.Equal((0, 20), (_fixture.Faults.Stats, _fixture.Faults.Reads.Count));
        reply = await _loader.LoadAsync(new LoadBatch(files, 3), CancellationToken.None);
        Assert.Equal((0L, files.Sum(static f => f.Length)), (reply.BytesLoaded, reply.BytesPresent));
    }

    [Fact]
    public async Task Load_ChangedSinceItWasListed_LoadsWhatIsThereNow()
    {
        FileStat listed = Write("f", 100);
        FileMetadata now = _fixture.Write("f", 90, out byte[] content);

        LoadBatchReply reply = await _loader.LoadAsync(new LoadBatch([listed], 1), CancellationToken.None);

        Assert.Equal((1, 90L, 0), (reply.Begun, reply.BytesLoaded, reply.Failures.Length));
        Assert.Equal(0, await _fixture.ReadCheckedAsync(now, content, 0, 90));
    }

    [Fact]
    public async Task Load_OneFileHangs_TheOthersAreLoadedAndItIsLeftToItself()
    {
        FileStat[] files = [Write("a", 10), Write("b", 20), Write("c", 30)];
        using FileTurn held = await _fixture.Turns.TakeAsync(FileId.FromUfsPath(files[1].UfsPath), CancellationToken.None);

        Task<LoadBatchReply> load = _loader.LoadAsync(new LoadBatch(files, 2), CancellationToken.None);
        await Eventually.Async(() => _fixture.Pages.Statistics.Pages == 2 && _fixture.Turns.Waiting == 1, "the others are loaded");
        Assert.False(load.IsCompleted);
        _fixture.Time.Advance(TimeSpan.FromSeconds(2));

        LoadBatchReply reply = await load.Within("the batch");
        Assert.Equal((3, 40L, 0), (reply.Begun, reply.BytesLoaded, reply.Failures.Length));
        Assert.Equal([1], reply.Slow);
    }

    [Fact]
    public async Task Load_TimeIsOver_BeginsNoMore()
    {
        FileStat[] files = [Write("a", 10), Write("b", 20), Write("c", 30)];
        using FileTurn held = await _fixture.Turns.TakeAsync(FileId.FromUfsPath(files[0].UfsPath), CancellationToken.None);

        Task<LoadBatchReply> load = _loader.LoadAsync(new LoadBatch(files, 1), CancellationToken.None);
        await Eventually.Async(() => _fixture.Turns.Waiting == 1, "the first file is begun");
        _fixture.Time.Advance(TimeSpan.FromSeconds(15));

        LoadBatchReply reply = await load.Within("the batch");
        Assert.Equal((1, 0L), (reply.Begun, reply.BytesLoaded));
        Assert.Equal([0], reply.Slow);
    }

    [Fact]
    public async Task Load_Cancelled_EndsAtOnce()
    {
        FileStat file = Write("a", 10);
        using FileTurn held = await _fixture.Turns.TakeAsync(FileId.FromUfsPath(file.UfsPath), CancellationToken.None);
        using var cancel = new CancellationTokenSource();
        Task<LoadBatchReply> load = _loader.LoadAsync(new LoadBatch([file], 1), cancel.Token);
        await Eventually.Async(() => _fixture.Turns.Waiting == 1, "the file is begun");

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => load.Within("the batch"));
    }

    private FileStat Write(string path, int length) => FileStats.From(DoraPath.Parse("/m/" + path), _fixture.Write(path, length, out _));

    private sealed class Here : ILocalSiloDetails
    {
        public string Name => new WorkerDescriptor(new WorkerId("w0"), 1, 0, 100).ToSiloName();

        public string ClusterId => "test";

        public string DnsHostName => "localhost";

        public SiloAddress SiloAddress => SiloAddress.New(new IPEndPoint(IPAddress.Loopback, 1), 1);

        public SiloAddress GatewayAddress => SiloAddress;
    }
}
