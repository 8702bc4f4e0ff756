using Dora.Grains.Workers;
using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;
using Dora.Silo.Peers;
using Dora.Tests.Client;
using Dora.Tests.PageChannel.Client;
using Dora.Tests.PageChannel.Server;
using Dora.Tests.Waiting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dora.Tests.Silo.Peers;

/// <summary>Whom a worker asks for metadata before it asks the store, and what it takes over.</summary>
public sealed class MetadataPeersTests : IAsyncLifetime
{
    private static readonly TimeSpan Age = TimeSpan.FromHours(3);

    private readonly FakeCluster _cluster = new(4);
    private readonly FakeWorker[] _owners;
    private readonly List<PageChannelPool> _pools = [];
    private readonly FileMetadata _file;
    private readonly MountedPath _path;

    public MetadataPeersTests()
    {
        _owners = _cluster.OwnersOf("f");
        _path = _cluster.Snapshot.Mounts.Resolve(DoraPath.Parse("/data/f"))!.Value;
        _file = File("f");
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (PageChannelPool pool in _pools)
        {
            await pool.DisposeAsync();
        }

        await _cluster.DisposeAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(-5)]
    public async Task NotOwner_AsksTheOwner_AndTheAgeIsTheSameByItsOwnClock(int hoursAhead)
    {
        await KnowAsync(_owners[0], _file);
        var clock = new ShiftedClock(TimeSpan.FromHours(hoursAhead));
        MetadataPeers peers = Peers(_owners[1], new MetadataSources(), clock: clock);

        FileMetadata found = (await FindAsync(peers))!;

        Assert.Equal(_file with { LoadedAt = found.LoadedAt }, found);
        Assert.InRange(clock.GetUtcNow() - found.LoadedAt, Age, Age + TimeSpan.FromMinutes(1)); // the way of the answer counts
        Assert.Equal((1L, 0L, 0L), (peers.Hits, peers.Misses, peers.Failures));
    }

    [Fact]
    public async Task Owner_AsksTheOnesBeforeIt_UntilTheirMetadataIsTakenOver()
    {
        await KnowAsync(_owners[2], _file);
        var sources = new MetadataSources();
        MetadataPeers peers = Peers(_owners[0], sources);

        Assert.NotNull(await FindAsync(peers)); // not yet begun: each may know it
        Assert.Equal((1L, 1L), (peers.Hits, peers.Misses));
        sources.Begin([_owners[1].Info.Id, _owners[2].Info.Id]);
        sources.End(_owners[1].Info.Id);
        Assert.NotNull(await FindAsync(peers));
        Assert.Equal((2L, 1L), (peers.Hits, peers.Misses));
        sources.End(_owners[2].Info.Id);
        Assert.True(peers.FindAsync(_path, _file.Id, default).AsTask().IsCompleted);
        Assert.Null(await FindAsync(peers));
        Assert.Equal((2L, 1L, 0L), (peers.Hits, peers.Misses, peers.Failures));
    }

    [Fact]
    public async Task NothingIsThere_IsToldToo()
    {
        await KnowAsync(_owners[0], FileMetadata.Missing(_file.UfsPath, DateTimeOffset.UtcNow));

        Assert.Equal(FileKind.Missing, (await FindAsync(Peers(_owners[1], new MetadataSources())))!.Kind);
    }

    [Fact]
    public async Task Unknown_IsAMiss_AndThePeerAsksNobody()
    {
        _cluster.Store.Put(_file.UfsPath, 10);
        MetadataPeers peers = Peers(_owners[1], new MetadataSources());

        Assert.Null(await FindAsync(peers));
        Assert.Equal((1L, 0), (peers.Misses, _owners[0].Catalog.Known));
    }

    [Fact]
    public async Task Peer_IsDeadOrHung_CostsOneShortWait_AndIsThenLeftAlone()
    {
        await using var hung = RawServer.Hung(version: PageChannelProtocol.KnownVersion);
        await ReplaceOwnerAsync(hung);
        MetadataPeers peers = Peers(_owners[1], new MetadataSources());

        Assert.Null(await FindAsync(peers));
        Assert.Equal(1, peers.Failures);
        for (int i = 0; i < 20; i++)
        {
            Assert.Null(await FindAsync(peers));
        }

        Assert.Equal(1, peers.Failures);
    }

    [Fact]
    public async Task Peer_OfAnOlderVersion_IsNotSentTheFrame()
    {
        var asked = new TaskCompletionSource<PageChannelOpcode>();
        await using var old = new RawServer(async (socket, token) =>
        {
            await RawServer.SayHelloAsync(socket, token, version: PageChannelProtocol.SameHostVersion);
            asked.SetResult((await RawServer.ReceiveAsync(socket, token)).Header.Opcode);
        });
        await ReplaceOwnerAsync(old);
        MetadataPeers peers = Peers(_owners[1], new MetadataSources());

        Assert.Null(await FindAsync(peers));
        Assert.Equal((1L, 0L), (peers.Misses, peers.Failures));
        Assert.False(asked.Task.IsCompleted);
    }

    [Fact]
    public async Task Worker_OfThisVersion_RefusesTheFrameOnAnOlderConnection()
    {
        await using var worker = new TestWorker();
        using RawClient client = await RawClient.ConnectAsync(worker.Listener.EndPoint);
        await client.SendAsync(RawClient.Hello(maxVersion: PageChannelProtocol.SameHostVersion));
        await client.ReceiveAsync("the hello reply");
        byte[] frame = new byte[PageChannelProtocol.MaxControlFrame];
        await client.SendAsync(frame[..FrameWriter.WriteKnown(frame, 1, 1, new KnownRequest { Name = "s3://b"u8 })]);

        (FrameHeader header, _) = await client.ReceiveAsync("the goodbye");
        Assert.Equal((PageChannelOpcode.Goodbye, PageChannelStatus.MalformedFrame), (header.Opcode, header.Status));
    }

    [Fact]
    public async Task Joiner_TakesOverWhatIsItsOwn_BatchByBatch_AndNothingElse()
    {
        FileMetadata[] files = [.. Enumerable.Range(0, 5000).Select(static i => File($"dir/file-{i}"))];
        await KnowAsync(_owners[1], files[..4000]);
        await KnowAsync(_owners[2], files[3000..]);
        var sources = new MetadataSources();
        MetadataTakeOver takeOver = TakeOver(_owners[0], sources);
        FileMetadata[] own = [.. files.Where(f => _cluster.Snapshot.Ring.Owner(f.Id) == _owners[0].Info.Id)];

        await takeOver.RunAsync().Within("the take-over");

        Assert.InRange(own.Length, 500, 2000);
        Assert.Equal(own.Length, _owners[0].Catalog.Known);
        Assert.All(own, f => Assert.InRange(DateTimeOffset.UtcNow - _owners[0].Catalog.TryGetKnown(f.Id)!.LoadedAt, Age, Age + TimeSpan.FromMinutes(5)));
        Assert.InRange(takeOver.Files, own.Length, own.Length + 1000);
        Assert.True(sources.IsEmpty);
    }

    [Fact]
    public async Task Joiner_WhosePeersDoNotKnowItYet_AsksAgain()
    {
        FileMetadata[] files = [.. Enumerable.Range(0, 100).Select(static i => File($"dir/file-{i}"))];
        await KnowAsync(_owners[1], files);
        _cluster.Publish(_owners[2], _owners[3], _owners[0]);
        _owners[1].Current = _cluster.Snapshot; // it has not heard of the joiner
        _cluster.Publish(_owners[2], _owners[3]);
        var clock = new AskedClock();
        MetadataTakeOver takeOver = TakeOver(_owners[0], new MetadataSources(), clock);

        Task running = takeOver.RunAsync();
        await clock.Paused.Task.Within("a pause before it asks again");
        Assert.False(running.IsCompleted);
        _owners[1].Current = _cluster.Snapshot;
        await running.Within("the take-over");

        Assert.Equal(files.Count(f => _cluster.Snapshot.Ring.Owner(f.Id) == _owners[0].Info.Id), _owners[0].Catalog.Known);
    }

    [Fact]
    public async Task Leaver_GivesWhatItOwns_ToWhoOwnsItWithoutIt()
    {
        FileMetadata[] files = [.. Enumerable.Range(0, 2000).Select(static i => File($"dir/file-{i}"))];
        await KnowAsync(_owners[0], files);
        WorkerId leaver = _owners[0].Info.Id;
        var rest = new WorkerRing(_cluster.Snapshot.Ring.Members.Where(m => m.Id != leaver));

        foreach (FakeWorker worker in _owners[1..])
        {
            IMetadataTaker taker = TakeOver(worker, new MetadataSources());
            await taker.TakeFromAsync(leaver, default).AsTask().Within("the take-over");
        }

        Assert.All(_owners[1..], worker => Assert.Equal(
            files.Count(f => _cluster.Snapshot.Ring.Owner(f.Id) == leaver && rest.Owner(f.Id) == worker.Info.Id), worker.Catalog.Known));
        Assert.InRange(_owners[1..].Sum(static w => w.Catalog.Known), 200, 1000);
    }

    private static FileMetadata File(string relative) =>
        new($"{FakeCluster.Root}/{relative}", FileKind.File, 7, DateTimeOffset.UnixEpoch, new FileVersion(3), DateTimeOffset.UtcNow - Age);

    private static ValueTask KnowAsync(FakeWorker worker, params FileMetadata[] files) => worker.Catalog.RememberAsync(files, default);

    private Task<FileMetadata?> FindAsync(MetadataPeers peers) => peers.FindAsync(_path, _file.Id, default).AsTask().Within("the answer");

    private async Task ReplaceOwnerAsync(RawServer server)
    {
        await _owners[0].KillAsync();
        _owners[0].Info = _owners[0].Info with { PagePort = server.Info.PagePort };
        _cluster.Publish();
    }

    private PeerChannels Channels()
    {
        var options = new PeerOptions { StatLimit = TimeSpan.FromSeconds(2) };
        var pool = new PageChannelPool(
            options.Channel(new ChannelOptions { ClusterId = TestWorker.ClusterId, ConnectionsPerWorker = 1 }), TimeProvider.System, NullLogger.Instance);
        _pools.Add(pool);
        return new PeerChannels(pool, options);
    }

    private MetadataPeers Peers(FakeWorker worker, MetadataSources sources, TimeProvider? clock = null) =>
        new(worker.Info.Id, worker, sources, Channels(), clock ?? TimeProvider.System);

    private MetadataTakeOver TakeOver(FakeWorker worker, MetadataSources sources, TimeProvider? clock = null) =>
        new(worker.Info.Id, worker, Channels(), sources, worker.Catalog, clock ?? TimeProvider.System, NullLogger<MetadataTakeOver>.Instance);

    private sealed class ShiftedClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }

    /// <summary>Tells when somebody begins to wait for a while.</summary>
    private sealed class AskedClock : TimeProvider
    {
        public TaskCompletionSource Paused { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            if (dueTime < TimeSpan.FromSeconds(1))
            {
                Paused.TrySetResult();
            }

            return base.CreateTimer(callback, state, dueTime, period);
        }
    }
}
