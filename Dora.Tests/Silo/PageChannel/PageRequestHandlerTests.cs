using System.Text;
using Dora.PageChannel.Codec;
using Dora.PageChannel.Server;
using Dora.Silo.Files;
using Dora.Silo.PageChannel;
using Dora.Silo.Peers;
using Dora.Storage.Files;
using Dora.Tests.Client;
using Microsoft.Extensions.Time.Testing;

namespace Dora.Tests.Silo.PageChannel;

/// <summary>What a worker answers, without sockets.</summary>
public sealed class PageRequestHandlerTests : IAsyncLifetime
{
    private readonly FakeCluster _cluster = new(2);
    private readonly byte[] _content;
    private readonly FakeWorker _owner;
    private readonly FakeWorker _other;

    public PageRequestHandlerTests()
    {
        _content = _cluster.Store.Put($"{FakeCluster.Root}/f", 1000, seed: 5);
        FakeWorker[] owners = _cluster.OwnersOf("f");
        (_owner, _other) = (owners[0], owners[1]);
    }

    private static FileId File => FileId.FromUfsPath($"{FakeCluster.Root}/f");

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync() => _cluster.DisposeAsync().AsTask();

    [Fact]
    public async Task Stat_NotOwner_SaysByWhichMembership()
    {
        StatOutcome outcome = await Handler(_other).StatAsync("/data/f", StatFlags.None, default);

        Assert.Equal((PageChannelStatus.NotOwner, _cluster.Snapshot.MembershipVersion), (outcome.Status, outcome.MembershipVersion));
    }

    [Fact]
    public async Task Stat_Failover_AsksTheStoreWithoutAGrain()
    {
        StatOutcome outcome = await Handler(_other).StatAsync("/data/f", StatFlags.Failover, default);

        Assert.Equal((PageChannelStatus.Ok, 1000L, File), (outcome.Status, outcome.Reply.Length, outcome.Reply.File));
        Assert.Equal(0, _cluster.GrainStats);
    }

    [Fact]
    public async Task Stat_Refresh_AsksTheStoreAlthoughFreshAndNoGrain()
    {
        PageRequestHandler handler = Handler(_owner);
        await handler.StatAsync("/data/f", StatFlags.None, default);
        _cluster.Store.Put($"{FakeCluster.Root}/f", 2000, seed: 6);

        StatOutcome fresh = await handler.StatAsync("/data/f", StatFlags.None, default);
        StatOutcome refreshed = await handler.StatAsync("/data/f", StatFlags.Refresh, default);

        Assert.Equal((1000L, 2000L), (fresh.Reply.Length, refreshed.Reply.Length));
        Assert.Equal((ReplyFlags.None, ReplyFlags.FromStore), (fresh.Flags, refreshed.Flags));
        Assert.Equal(0, _cluster.GrainStats);
    }

    [Fact]
    public async Task StatWarm_AnswersWhatTheOwnerKnows_AndLeavesAllElseToTheOtherWay()
    {
        PageRequestHandler handler = Handler(_owner), other = Handler(_other);
        Assert.False(handler.TryStatWarm(Stat("/data/f"), out _));
        StatOutcome asked = await handler.StatAsync("/data/f", StatFlags.None, default);

        Assert.True(handler.TryStatWarm(Stat("/data/f"), out StatOutcome warm));
        Assert.Equal(asked with { Flags = ReplyFlags.None }, warm);
        Assert.False(handler.TryStatWarm(Stat("/data/f", StatFlags.Refresh), out _));
        Assert.False(handler.TryStatWarm(Stat("/data/none"), out _));
        Assert.False(handler.TryStatWarm(Stat("/nowhere"), out _));
        Assert.False(handler.TryStatWarm(Stat("no path"), out _));

        await other.StatAsync("/data/f", StatFlags.Failover, default);
        Assert.False(other.TryStatWarm(Stat("/data/f"), out _));
        Assert.True(other.TryStatWarm(Stat("/data/f", StatFlags.Failover), out _));

        static StatRequest Stat(string path, StatFlags flags = StatFlags.None) => new() { Flags = flags, Path = Encoding.UTF8.GetBytes(path) };
    }

    [Fact]
    public async Task Warm_MoreFilesAndPathsThanAreRemembered_WhatIsUsedStaysAndAllocatesNothing()
    {
        PageRequestHandler handler = Handler(_owner);
        byte[] hot = Encoding.UTF8.GetBytes("/data/f");
        await handler.StatAsync("/data/f", StatFlags.None, default);
        await handler.ReadAsync(Read(5, "/data/f"), new byte[100], default);
        Assert.True(Hot());
        for (int i = 0; i < 70_000; i++)
        {
            var other = FileMetadata.Restore(
                new FileId(7, (ulong)i), "file:///store/other", FileKind.File, 10, default, new FileVersion(9), DateTimeOffset.UnixEpoch);
            _owner.Catalog.Remember(other);
            await handler.ReadAsync(new ReadArguments(other.Id, other.Version, new ByteRange(0, 0), ReadFlags.Failover, default), default, default);
            handler.TryStatWarm(new StatRequest { Path = Encoding.UTF8.GetBytes($"/data/other{i}") }, out _);
            if (i % 64 == 0)
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                bool isHot = Hot();
                Assert.Equal((true, 0L), (isHot, GC.GetAllocatedBytesForCurrentThread() - before));
            }
        }

        bool Hot() =>
            handler.TryReadWarm(new ReadRequest { File = File, Version = new FileVersion(5), Offset = 1000, Length = 0 }, [], out _)
            && handler.TryStatWarm(new StatRequest { Path = hot }, out _);
    }

    [Fact]
    public async Task StatWarm_OfWhatIsNotThere_SaysSo()
    {
        PageRequestHandler handler = Handler(_owner);
        StatOutcome asked = await handler.StatAsync("/data/none", StatFlags.Failover, default);

        Assert.True(handler.TryStatWarm(new StatRequest { Flags = StatFlags.Failover, Path = "/data/none"u8 }, out StatOutcome warm));
        Assert.Equal((PageChannelStatus.NotFound, asked), (warm.Status, warm));
    }

    [Fact]
    public async Task Stat_AboveMounts_IsADirectoryEverywhere()
    {
        StatOutcome outcome = await Handler(_other).StatAsync("/", StatFlags.None, default);

        Assert.Equal((PageChannelStatus.Ok, FileKind.Directory, 0), (outcome.Status, outcome.Reply.Kind, outcome.Reply.FetchSize));
    }

    [Fact]
    public async Task Read_UnknownFile_IsFoundByItsPath()
    {
        byte[] buffer = new byte[100];

        ReadOutcome outcome = await Handler(_owner).ReadAsync(Read(5, "/data/f"), buffer, default);

        Assert.Equal((PageChannelStatus.Ok, 100), (outcome.Status, outcome.Bytes));
        Assert.Equal(_content[200..300], buffer);
    }

    [Theory]
    [InlineData(4, "/data/f", (byte)PageChannelStatus.VersionChanged)]
    [InlineData(5, "/data/g", (byte)PageChannelStatus.VersionChanged)]
    [InlineData(5, "/none/f", (byte)PageChannelStatus.NotMounted)]
    [InlineData(5, "", (byte)PageChannelStatus.InvalidPath)]
    public async Task Read_OfWhatIsNotThere_SaysWhy(ulong version, string path, byte status)
    {
        ReadOutcome outcome = await Handler(_owner).ReadAsync(Read(version, path), new byte[100], default);

        Assert.Equal((PageChannelStatus)status, outcome.Status);
        Assert.NotNull(outcome.Message);
    }

    [Fact]
    public async Task Read_OfANewerVersionThanKnown_AsksTheStore()
    {
        PageRequestHandler handler = Handler(_owner);
        await handler.StatAsync("/data/f", StatFlags.None, default);
        _cluster.Store.Put($"{FakeCluster.Root}/f", 1000, seed: 6);

        ReadOutcome outcome = await handler.ReadAsync(Read(6, "/data/f"), new byte[100], default);

        Assert.Equal(PageChannelStatus.Ok, outcome.Status);
    }

    [Fact]
    public async Task Read_VersionChangedInTheStore_ForgetsWhatWouldMisleadTheReopen()
    {
        PageRequestHandler handler = Handler(_owner);
        await handler.StatAsync("/data/f", StatFlags.None, default);
        _cluster.Store.Put($"{FakeCluster.Root}/f", 2000, seed: 6);

        ReadOutcome read = await handler.ReadAsync(Read(5, "/data/f"), new byte[100], default);
        StatOutcome stat = await handler.StatAsync("/data/f", StatFlags.None, default);

        Assert.Equal(PageChannelStatus.VersionChanged, read.Status);
        Assert.Equal(2000, stat.Reply.Length);
    }

    [Fact]
    public async Task Read_AcrossTheEnd_IsCut_AndBeyondItIsEmpty()
    {
        PageRequestHandler handler = Handler(_owner);
        byte[] buffer = new byte[100];

        ReadOutcome across = await handler.ReadAsync(Read(5, "/data/f") with { Range = new ByteRange(950, 100) }, buffer, default);
        ReadOutcome beyond = await handler.ReadAsync(Read(5, "/data/f") with { Range = new ByteRange(5000, 100) }, buffer, default);

        Assert.Equal((PageChannelStatus.Ok, 50), (across.Status, across.Bytes));
        Assert.Equal((PageChannelStatus.Ok, 0), (beyond.Status, beyond.Bytes));
    }

    private static ReadArguments Read(ulong version, string path) =>
        new(File, new FileVersion(version), new ByteRange(200, 100), ReadFlags.None, Encoding.UTF8.GetBytes(path));

    [Fact]
    public async Task Read_CachedOnly_GivesThePrefixThatIsCached_OwnerOrNot_AndNeverAsksTheStore()
    {
        PageRequestHandler handler = Handler(_other);
        await handler.StatAsync("/data/f", StatFlags.Failover, default);
        byte[] buffer = new byte[1000];
        var arguments = new ReadArguments(File, new FileVersion(5), new ByteRange(100, 900), ReadFlags.CachedOnly, default);

        ReadOutcome nothing = await handler.ReadAsync(arguments, buffer, default);
        _other.Reader.CachedBytes = 300;
        ReadOutcome part = await handler.ReadAsync(arguments, buffer, default);
        ReadOutcome older = await handler.ReadAsync(arguments with { Version = new FileVersion(4) }, buffer, default);

        Assert.Equal((PageChannelStatus.NotCached, 0), (nothing.Status, nothing.Bytes));
        Assert.Equal((PageChannelStatus.Ok, 200), (part.Status, part.Bytes));
        Assert.Equal(_content[100..300], buffer[..200]);
        Assert.Equal(PageChannelStatus.NotCached, older.Status);
        Assert.Equal([FileReadMode.CachedOnly], _other.Reader.Modes);
    }

    [Fact]
    public async Task Read_OfAnotherWorkersFile_BudgetForTheStoreSpent_SaysBusy_ButServesWhatIsCached()
    {
        var time = new FakeTimeProvider();
        var foreign = new ForeignReads(new StoreBudget(1, 1, TimeSpan.Zero, time), new RecentFiles(time));
        var handler = new PageRequestHandler(_other.Info.Id, _other, new WorkerFiles(_other.Stores, time), foreign);
        var arguments = new ReadArguments(File, new FileVersion(5), new ByteRange(0, 1000), ReadFlags.Failover, "/data/f"u8.ToArray());
        byte[] buffer = new byte[1000];

        ReadOutcome first = await handler.ReadAsync(arguments, buffer, default);
        ReadOutcome second = await handler.ReadAsync(arguments, buffer, default);
        _other.Reader.CachedBytes = 1000;
        ReadOutcome cached = await handler.ReadAsync(arguments, buffer, default);
        _other.Reader.CachedBytes = 0;
        time.Advance(TimeSpan.FromSeconds(1));
        ReadOutcome later = await handler.ReadAsync(arguments, buffer, default);

        Assert.Equal(
            [PageChannelStatus.Ok, PageChannelStatus.Busy, PageChannelStatus.Ok, PageChannelStatus.Ok], [first.Status, second.Status, cached.Status, later.Status]);
        Assert.Equal(1, foreign.Budget.Refused);
    }

    private PageRequestHandler Handler(FakeWorker worker) =>
        new(worker.Info.Id, worker, new WorkerFiles(worker.Stores, TimeProvider.System), worker.Foreign);
}
