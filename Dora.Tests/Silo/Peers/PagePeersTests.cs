using Dora.PageChannel.Client;
using Dora.PageChannel.Codec;
using Dora.Silo.Peers;
using Dora.Tests.Client;
using Dora.Tests.Doubles;
using Dora.Tests.PageChannel.Client;
using Dora.Tests.PageChannel.Server;
using Dora.Tests.Waiting;
using Microsoft.Extensions.Logging.Abstractions;

namespace Dora.Tests.Silo.Peers;

/// <summary>Whom a worker asks for cached bytes before it asks the store. Time passes where a test says so: nobody is slow because the machine is.</summary>
public sealed class PagePeersTests : IAsyncLifetime
{
    private const int Length = 300_000;
    private const byte Filling = 0x5A;
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(200);

    private readonly ManualTimeProvider _time = new();
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
    public async Task Owner_OthersHadNothingForLong_AreAskedNowAndThen_UntilTheyHaveSomething()
    {
        await using PagePeers peers = Peers(_owners[0]);
        byte[] buffer = new byte[1000];
        async Task ReadAsync(int times)
        {
            for (int i = 0; i < times; i++)
            {
                await peers.ReadAsync(_file, new ByteRange(0, 1000), buffer, default);
            }
        }

        await ReadAsync(PeerYield.Patience / PeerOptions.MaxAsked);
        Assert.Equal(PeerYield.Patience, peers.Misses);
        await ReadAsync(PeerYield.Every);
        Assert.Equal(PeerYield.Patience + PeerOptions.MaxAsked, peers.Misses);

        _owners[1].Reader.CachedBytes = Length;
        await ReadAsync(PeerYield.Every);
        Assert.Equal(1, peers.Hits);
        await ReadAsync(10);
        Assert.Equal(11, peers.Hits);
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
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var hung = new RawServer(async (socket, token) =>
        {
            await RawServer.SayHelloAsync(socket, token);
            await RawServer.ReceiveAsync(socket, token);
            asked.TrySetResult();
            await Task.Delay(Timeout.Infinite, token);
        });
        _owners[0].Info = _owners[0].Info with { PagePort = hung.Info.PagePort };
        _cluster.Publish();
        var options = new PeerOptions();
        await using PagePeers peers = Peers(_owners[1], options);
        byte[] buffer = new byte[1000];

        Task<int> asking = peers.ReadAsync(_file, new ByteRange(0, 1000), buffer, default).AsTask();
        await asked.Task.Within("the question");
        _time.Advance(options.StandInSilence);
        Assert.Equal(0, await asking.Within("the short wait"));
        Assert.Equal(1, peers.Failures);
        for (int i = 0; i < 20; i++)
        {
            Assert.Equal(0, await peers.ReadAsync(_file, new ByteRange(0, 1000), buffer, default));
        }

        Assert.Equal(1, peers.Failures);
    }

    [Fact]
    public async Task Peer_TakesLongButLives_IsWaitedForBeyondTheLimitOfSilence()
    {
        _owners[1].Reader.CachedBytes = Length;
        var gate = new TaskCompletionSource();
        _owners[1].Reader.BeforeRead = _ => gate.Task;
        await using PagePeers peers = Peers(_owners[0], new PeerOptions { MinSilence = Short, MaxSilence = Short, Limit = 10 * Short }, out PageChannelPool pool);
        byte[] buffer = new byte[Length];

        Task<int> asking = peers.ReadAsync(_file, new ByteRange(0, Length), buffer, default).AsTask();
        await Eventually.Async(() => _owners[1].Reader.Modes.Length == 1, "the question");
        await PassAliveAsync(pool.For(_owners[1].Info), 5 * Short);
        Assert.False(asking.IsCompleted);
        gate.SetResult();

        Assert.Equal(Length, await asking.Within("the slow worker's bytes"));
        Assert.Equal(_content, buffer);
        Assert.Equal((1L, 0L), (peers.Hits, peers.Failures));
    }

    [Fact]
    public async Task Peer_TakesLongerThanTheLimitOfAll_TheStoreIsLeftToBeAsked()
    {
        _owners[1].Reader.CachedBytes = Length;
        _owners[1].Reader.BeforeRead = static token => Task.Delay(Timeout.Infinite, token);
        await using PagePeers peers = Peers(_owners[0], new PeerOptions { MinSilence = Short, MaxSilence = Short, Limit = 3 * Short }, out PageChannelPool pool);

        Task<int> asking = peers.ReadAsync(_file, new ByteRange(0, Length), new byte[Length], default).AsTask();
        await Eventually.Async(() => _owners[1].Reader.Modes.Length == 1, "the question");
        await PassAliveAsync(pool.For(_owners[1].Info), 3 * Short);

        Assert.Equal(0, await asking.Within("the limit"));
        Assert.Equal(1, peers.Failures);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Peer_StallsForAMoment_IsAskedAgainByTheNewOwner_AndNotByAStandIn(bool isMoving)
    {
        var asked = new TaskCompletionSource();
        await using RawServer stalled = Scripted(isMoving ? 1 : 0, (read, ping) =>
        {
            // Silent to the first read and to the ping that asks for a sign of life; the ping of the background probe is answered, and what follows.
            asked.TrySetResult();
            return read > 1 || ping > 1;
        });
        await using PagePeers peers = Peers(_owners[isMoving ? 0 : 1], new PeerOptions
        {
            StandInSilence = Short,
            StandInLimit = RawClient.Patience,
            MinSilence = Short,
            MaxSilence = Short,
            Grace = RawClient.Patience,
            Limit = RawClient.Patience,
        }, out PageChannelPool pool);
        byte[] buffer = new byte[1000];

        Task<int> asking = peers.ReadAsync(_file, new ByteRange(0, 1000), buffer, default).AsTask();
        await asked.Task.Within("the first question");
        _time.Advance(Short);
        WorkerChannel channel = pool.For(_owners[isMoving ? 1 : 0].Info);
        await Eventually.Async(
            () =>
            {
                // Until the probe has reached it.
                _time.Advance(channel.IsSuspect ? Short / 40 : TimeSpan.Zero);
                return asking.IsCompleted;
            },
            "the answer");
        int given = await asking;

        Assert.Equal(isMoving ? 1000 : 0, given);
        Assert.Equal(1, peers.Failures);
        Assert.All(buffer, b => Assert.Equal(isMoving ? Filling : 0, b));
    }

    [Fact]
    public async Task Peer_IsBusyOnce_IsAskedAgain_AndBusyForEverIsLeftAlone()
    {
        int times = 1;
        await using RawServer busy = Scripted(1, (read, _) => read > Volatile.Read(ref times), PageChannelStatus.Busy);
        await using PagePeers peers = Peers(_owners[0], new PeerOptions { Limit = RawClient.Patience });
        byte[] buffer = new byte[1000];

        Assert.Equal(1000, await WhileTimePassesAsync(peers.ReadAsync(_file, new ByteRange(0, 1000), buffer, default).AsTask(), "the second answer"));
        Volatile.Write(ref times, int.MaxValue);
        Assert.Equal(0, await WhileTimePassesAsync(peers.ReadAsync(_file, new ByteRange(0, 1000), buffer, default).AsTask(), "the last try"));

        // The one behind it is asked then, and has nothing.
        Assert.Equal((1L, 1L + PeerOptions.MaxTries + 1), (peers.Hits, peers.Misses));
    }

    [Fact]
    public async Task Alone_AsksNobody()
    {
        _cluster.Publish(_owners[1..]);
        await using PagePeers peers = Peers(_owners[0]);

        Assert.Equal(0, await peers.ReadAsync(_file, new ByteRange(0, 1000), new byte[1000], default));
        Assert.Equal(0, peers.Misses + peers.Failures);
    }

    /// <summary>Puts a worker in the place of an owner that answers reads and pings as it is told to.</summary>
    /// <param name="owner">Which of the owners.</param>
    /// <param name="answers">By the counts of reads and pings so far: whether this one is answered.</param>
    /// <param name="instead">What a read gets that is not answered; null: nothing.</param>
    private RawServer Scripted(int owner, Func<int, int, bool> answers, PageChannelStatus? instead = null)
    {
        int reads = 0, pings = 0;
        var server = new RawServer(async (socket, token) =>
        {
            await RawServer.SayHelloAsync(socket, token);
            byte[] reply = new byte[PageChannelProtocol.MaxControlFrame];
            while (true)
            {
                (FrameHeader header, byte[] body) = await RawServer.ReceiveAsync(socket, token);
                bool isRead = header.Opcode == PageChannelOpcode.Read;
                bool isAnswered = header.Opcode is PageChannelOpcode.Read or PageChannelOpcode.Ping
                    && answers(isRead ? Interlocked.Increment(ref reads) : Volatile.Read(ref reads), isRead ? Volatile.Read(ref pings) : Interlocked.Increment(ref pings));
                int length = 0;
                if (isAnswered && isRead)
                {
                    FrameReader.ReadRead(header, body, out ReadRequest read);
                    length = FrameWriter.WriteReadReplyHeader(reply, header.RequestId, 1, ReplyFlags.None, read.Length);
                    reply.AsSpan(length, read.Length).Fill(Filling);
                    length += read.Length;
                }
                else if (isAnswered)
                {
                    length = FrameWriter.WritePong(reply, header.RequestId, 1);
                }
                else if (isRead && instead is { } status)
                {
                    length = FrameWriter.WriteError(reply, PageChannelOpcode.ReadReply, header.RequestId, 1, status, "not now");
                }

                await socket.SendAsync(reply.AsMemory(0, length), token);
            }
        });
        _owners[owner].Info = _owners[owner].Info with { PagePort = server.Info.PagePort };
        _cluster.Publish();
        return server;
    }

    private PageChannelPool Pool(PeerOptions options) => new(
        options.Channel(new ChannelOptions { ClusterId = TestWorker.ClusterId, ConnectionsPerWorker = 1 }), _time, NullLogger.Instance);

    private PagePeers Peers(FakeWorker worker, PeerOptions? options = null) => Peers(worker, options ?? new PeerOptions(), out _);

    private PagePeers Peers(FakeWorker worker, PeerOptions options, out PageChannelPool pool)
    {
        pool = Pool(options);
        return new PagePeers(worker.Info.Id, worker, pool, options, _time);
    }

    private async Task<int> WhileTimePassesAsync(Task<int> asking, string what)
    {
        await Eventually.Async(
            () =>
            {
                _time.Advance(Short / 40);
                return asking.IsCompleted;
            },
            what);
        return await asking;
    }

    /// <summary>Time passes in which the worker answers pings.</summary>
    private async Task PassAliveAsync(WorkerChannel channel, TimeSpan time)
    {
        for (TimeSpan passed = TimeSpan.Zero; passed < time; passed += Short / 4)
        {
            _time.Advance(Short / 4);
            Assert.True((await channel.SendAsync(ChannelRequest.Ping, 0, RawClient.Patience, default).AsTask().Within("the ping's answer")).IsOk);
        }
    }
}
