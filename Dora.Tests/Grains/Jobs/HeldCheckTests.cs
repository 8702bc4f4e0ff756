using System.Collections.Immutable;
using Dora.Grains.ClusterStore;
using Dora.Grains.Jobs;
using Dora.Interfaces;
using Dora.Tests.Client;
using Dora.Tests.Doubles;

namespace Dora.Tests.Grains.Jobs;

/// <summary>Whether what was loaded is held: answered from a number of each worker while nothing was dropped, else by looking at every file.</summary>
public sealed class HeldCheckTests
{
    private static readonly JobCounters Loaded = new(2, 20, 2, 20, 0);

    private readonly ManualTimeProvider _time = new();
    private readonly Holder _worker = new();
    private readonly Listed _directory = new();

    [Fact]
    public async Task NothingDropped_NoFileIsLookedAt()
    {
        HeldTotals held = await RunAsync(default, static () => { });

        Assert.Equal((2L, 2L, 20L), (held.Files, held.FilesHeld, held.BytesHeld));
        Assert.Equal((0, 0), (_worker.Looked, _directory.Lists));
    }

    [Theory]
    [InlineData("dropped")]
    [InlineData("restarted")]
    [InlineData("expired")]
    public async Task SomethingMayBeGone_EveryFileIsLookedAt(string what)
    {
        HeldTotals held = await RunAsync(new CacheRules(0, TimeSpan.FromSeconds(10)), () =>
        {
            _worker.Missing = 4;
            switch (what)
            {
                case "dropped":
                    _worker.Space = _worker.Space with { Dropped = 8 };
                    break;
                case "restarted":
                    _worker.Space = _worker.Space with { StartedAt = DateTimeOffset.UnixEpoch.AddDays(1) };
                    break;
                default:
                    _time.Advance(TimeSpan.FromSeconds(10));
                    break;
            }
        });

        Assert.Equal((2L, 0L, 12L), (held.Files, held.FilesHeld, held.BytesHeld));
        Assert.Equal(["/data/a: 6 B of 10 B are held", "/data/b: 6 B of 10 B are held"], held.FirstMissing);
    }

    [Fact]
    public async Task JobTakenOver_EveryFileIsLookedAt()
    {
        HeldTotals held = await RunAsync(default, static () => { }, Job() with { Counters = new JobCounters(1, 10, 1, 10, 0), Pending = [new PendingListing("/data", "b")] });

        Assert.Equal((2L, 2L, 20L), (held.Files, held.FilesHeld, held.BytesHeld));
        Assert.Equal(2, _worker.Looked);
    }

    [Fact]
    public async Task Capacity_IsWhatQuotaAllows()
    {
        var check = new HeldCheck(Job(), Calls(), Cluster(new CacheRules(1 << 20, default)), _time);

        await check.BeginAsync(default);

        Assert.Equal(1 << 20, check.CapacityBytes);
    }

    private static StoredJob Job() => new()
    {
        JobId = "j",
        Revision = 1,
        Path = "/data",
        Parallelism = 4,
        State = LoadJobState.Running,
        StartedAt = DateTimeOffset.UnixEpoch,
        Pending = [new PendingListing("/data", null)],
    };

    private static FixedCluster Cluster(CacheRules rules)
    {
        var mount = new Mount(DoraPath.Parse("/data"), UfsUri.Parse("file:///data"), 1 << 20, Freshness.Immutable) { Rules = rules };
        return new FixedCluster(new ClusterSnapshot(1, [new WorkerInfo(new WorkerId("w0"), "127.0.0.1", 1, 0, 100)], new MountTable(1, [mount])));
    }

    private JobCalls Calls()
    {
        (IGrainFactory factory, FakeGrains grains) = FakeGrains.Create();
        grains.Add<IWorkerBatchGrain>(_ => _worker);
        grains.Add<IFileGrain>(_ => _directory);
        return new JobCalls(factory, _time);
    }

    private async Task<HeldTotals> RunAsync(CacheRules rules, Action meanwhile, StoredJob? job = null)
    {
        var check = new HeldCheck(job ?? Job(), Calls(), Cluster(rules), _time);
        await check.BeginAsync(default);
        meanwhile();
        return await check.RunAsync(Loaded, default);
    }

    private sealed class FixedCluster(ClusterSnapshot snapshot) : IClusterState
    {
        public ClusterSnapshot Current => snapshot;
    }

    private sealed class Holder : IWorkerBatchGrain
    {
        public HeldSpace Space { get; set; } = new(DateTimeOffset.UnixEpoch, 7, 100L << 20);

        public long Missing { get; set; }

        public int Looked { get; private set; }

        public Task<LoadBatchReply> LoadAsync(LoadBatch batch, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<HeldReply> HeldAsync(FileStat[] files, CancellationToken cancellationToken)
        {
            Looked += files.Length;
            return Task.FromResult(new HeldReply(DoraErrorCode.None, null, [.. files.Select(_ => Missing)], Space));
        }

        public Task<HeldSum> HeldBelowAsync(string path, CancellationToken cancellationToken) => throw new NotSupportedException();
    }

    private sealed class Listed : IFileGrain
    {
        public int Lists { get; private set; }

        public Task<ListReply> ListAsync(string? continuation, int limit, CancellationToken cancellationToken)
        {
            Lists++;
            FileStat[] files = [.. ImmutableArray.Create("a", "b").Select(static n => new FileStat($"/data/{n}", $"file:///data/{n}", FileKind.File, 10, default, 1, default))];
            return Task.FromResult(new ListReply(DoraErrorCode.None, null, files, null, 0));
        }

        public Task<FileReply> StatAsync(bool refresh, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<FreeReply> InvalidateAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<FreeReply> FreeAsync(CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<LoadReply> LoadAsync(long offset, long length, DateTimeOffset? listedAt, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
