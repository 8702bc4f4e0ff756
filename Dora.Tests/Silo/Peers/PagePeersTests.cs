using Dora.Client.PageChannel;
using Dora.Silo.Peers;
using Dora.Tests.Client;
using Dora.Tests.Client.PageChannel;
using Dora.Tests.Silo.PageChannel;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dora.Tests.Silo.Peers;

/// <summary>Whom a worker asks for cached bytes before it asks the store.</summary>
public sealed class PagePeersTests : IAsyncLifetime
{
    private const int Length = 300_000;

    private readonly FakeCluster _cluster = new(4);
    private readonly byte[] _content;
    private readonly FakeWorker[] _owners;
    private readonly FileMetadata _file;

    public PagePeersTests()
    {
        _content = _cluster.Store.Put($"{FakeCluster.Root}/f", Length);
        _owners = _cluster.OwnersOf("f");
        _file = _cluster.Store.Stat($"{FakeCluster.Root}/f");
    }

    public async Task InitializeAsync()
    {
        foreach (FakeWorker worker in _owners)
        {
            await worker.Catalog.GetAsync(_cluster.Snapshot.Mounts.Resolve(DoraPath.Parse("/data/f"))!.Value, refresh: true, default);
        }
    }

    public Task DisposeAsync() => _cluster.DisposeAsync().AsTask();

    [Fact]
    public async Task NotOwner_AsksTheOwner_AndNobodyAfterItself()
    {
        _owners[0].Reader.CachedBytes = Length;
        _owners[2].Reader.CachedBytes = Length;
        await using PagePeers peers = Peers(_owners[1]);
        byte[] buffer = new byte[Length];

        Assert.Equal(Length, await peers.ReadAsync(_file, new ByteRange(0, Length), buffer, default));
        Assert.Equal(_content, buffer);
        _owners[0].Reader.CachedBytes = 0;
        Assert.Equal(0, await peers.ReadAsync(_file, new ByteRange(0, Length), buffer, default));

        Assert.Equal((Length, 1L, 1L, 0L), (peers.Bytes, peers.Hits, peers.Misses, peers.Failures));
        Assert.Empty(_owners[2].Reader.Modes);
    }

    [Fact]
    public async Task Owner_AsksTheOnesBeforeIt_AfterAChange_AndNobodyWhenThatIsLongAgo()
    {
        _owners[2].Reader.CachedBytes = Length;
        await using PagePeers peers = Peers(_owners[0]);
        await using PagePeers settled = Peers(_owners[0], new PeerOptions { AfterChange = TimeSpan.Zero });
        byte[] buffer = new byte[Length];

        Assert.Equal(Length, await peers.ReadAsync(_file, new ByteRange(0, Length), buffer, default));
        Assert.Equal(_content, buffer);
        Assert.Equal(0, await settled.ReadAsync(_file, new ByteRange(0, Length), buffer, default));
        Assert.Empty(_owners[3].Reader.Modes);
    }

    [Fact]
    public async Task Peer_HasAPart_ThatPartOnTheGridIsGiven()
    {
        _owners[0].Reader.CachedBytes = 100_000;
        await using PagePeers peers = Peers(_owners[1], new PeerOptions { ReadBytes = 64 * 1024 });
        byte[] buffer = new byte[Length];

        Assert.Equal(PageGeometry.ExtentGrid, await peers.ReadAsync(_file, new ByteRange(0, Length), buffer, default));
        Assert.Equal(_content[..PageGeometry.ExtentGrid], buffer[..PageGeometry.ExtentGrid]);
    }

    [Fact]
    public async Task Peer_IsDeadOrHung_CostsOneShortWait_AndIsThenLeftAlone()
    {
        await _owners[0].KillAsync();
        await using var hung = RawServer.Hung();
        _owners[0].Info = _owners[0].Info with { PagePort = hung.Info.PagePort };
        _cluster.Publish();
        await using PagePeers peers = Peers(_owners[1]);
        byte[] buffer = new byte[1000];

        Assert.Equal(0, await peers.ReadAsync(_file, new ByteRange(0, 1000), buffer, default));
        Assert.Equal(1, peers.Failures);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(0, await peers.ReadAsync(_file, new ByteRange(0, 1000), buffer, default));
        }

        Assert.Equal(1, peers.Failures);
    }

    [Fact]
    public async Task Alone_AsksNobody()
    {
        _cluster.Publish(_owners[1..]);
        await using PagePeers peers = Peers(_owners[0]);

        Assert.Equal(0, await peers.ReadAsync(_file, new ByteRange(0, 1000), new byte[1000], default));
        Assert.Equal(0, peers.Misses + peers.Failures);
    }

    private PagePeers Peers(FakeWorker worker, PeerOptions? options = null) => new(
        worker.Info.Id,
        worker,
        new PageChannelPool(new ChannelOptions { ClusterId = TestWorker.ClusterId, ConnectionsPerWorker = 1 }, TimeProvider.System, NullLogger.Instance),
        options ?? new PeerOptions(),
        TimeProvider.System);
}
