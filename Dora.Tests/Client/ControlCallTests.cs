using System.Collections.Concurrent;
using Dora.Client;
using Dora.Interfaces;
using Dora.Tests.PageChannel.Server;

namespace Dora.Tests.Client;

/// <summary>What goes through grains: jobs, freeing, mounts, worker status.</summary>
public sealed class ControlCallTests
{
    [Fact]
    public async Task Load_ReportsProgressUntilTheJobEnds()
    {
        await using var cluster = new FakeCluster(1);
        var job = new FakeJob(polls: 2);
        cluster.Fakes.Add<ILoadJobGrain>(_ => job);
        await using DoraClient dora = await cluster.ConnectAsync();
        var seen = new Recorder();

        LoadJobStatus end = await dora.Jobs.LoadAsync("/data/", progress: seen);

        Assert.Equal((LoadJobState.Succeeded, "/data"), (end.State, end.Path));
        Assert.Equal([LoadJobState.Running, LoadJobState.Running, LoadJobState.Succeeded], seen.States);
    }

    [Fact]
    public async Task Load_Cancelled_StopsTheJob()
    {
        await using var cluster = new FakeCluster(1);
        var job = new FakeJob(polls: int.MaxValue);
        cluster.Fakes.Add<ILoadJobGrain>(_ => job);
        await using DoraClient dora = await cluster.ConnectAsync();
        using var cancel = new CancellationTokenSource();

        Task<LoadJobStatus> loading = dora.Jobs.LoadAsync("/data", cancellationToken: cancel.Token);
        await job.Polled.Task.WaitAsync(RawClient.Patience);
        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => loading);
        Assert.True(job.IsStopped);
    }

    [Fact]
    public async Task Load_OneCallLost_IsAskedAgain()
    {
        await using var cluster = new FakeCluster(1);
        var job = new FakeJob(polls: 1) { LostCalls = 1 };
        cluster.Fakes.Add<ILoadJobGrain>(_ => job);
        await using DoraClient dora = await cluster.ConnectAsync();

        Assert.Equal(LoadJobState.Succeeded, (await dora.Jobs.LoadAsync("/data")).State);
    }

    [Fact]
    public async Task Job_StartedWatchedCancelled_GoesOnUntilItIsCancelled()
    {
        await using var cluster = new FakeCluster(1);
        var job = new FakeJob(polls: int.MaxValue);
        var asked = new ConcurrentBag<string>();
        cluster.Fakes.Add<ILoadJobGrain>(key =>
        {
            asked.Add((string)key);
            return job;
        });
        await using DoraClient dora = await cluster.ConnectAsync();
        using var cancel = new CancellationTokenSource();

        LoadJobStatus started = await dora.Jobs.StartLoadAsync(new LoadJobSpec("/data/", 4));
        Task<LoadJobStatus> watching = dora.Jobs.WatchAsync("j", cancellationToken: cancel.Token);
        await job.Polled.Task.WaitAsync(RawClient.Patience);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => watching);

        Assert.Equal("/data", started.Path);
        Assert.Matches(@"^load-\d{8}-\d{6}-[0-9a-f]{8}$", asked.Single(static a => a != "j"));
        Assert.False(job.IsStopped);
        await dora.Jobs.CancelAsync("j");
        Assert.True(job.IsStopped);
        Assert.Equal(DoraErrorCode.InvalidArgument, (await Assert.ThrowsAsync<DoraException>(() => dora.Jobs.GetAsync(" "))).Code);
    }

    [Fact]
    public async Task Jobs_Listed_PageByPage()
    {
        await using var cluster = new FakeCluster(1);
        cluster.Fakes.Add<IJobsGrain>(static _ => new FakeJobs());
        await using DoraClient dora = await cluster.ConnectAsync();

        List<string> ids = [];
        await foreach (LoadJobStatus job in dora.Jobs.ListAsync())
        {
            ids.Add(job.JobId);
        }

        Assert.Equal(["j0", "j1", "j2"], ids);
    }

    [Fact]
    public async Task Free_AsksEveryWorkerAndAddsUp()
    {
        await using var cluster = new FakeCluster(3);
        var asked = new ConcurrentBag<string>();
        cluster.Fakes.Add<IWorkerGrain>(key => new FakeWorkerGrain((string)key, asked));
        await using DoraClient dora = await cluster.ConnectAsync();

        FreeResult freed = await dora.FreeAsync("/data/x", forgetMetadata: true);

        Assert.Equal(new FreeResult(3, 300, 0, 0), freed);
        Assert.Equal(["w0 /data/x True", "w1 /data/x True", "w2 /data/x True"], asked.Order());
    }

    [Fact]
    public async Task WorkerStatus_NoAnswer_SaysWhichWorker()
    {
        await using var cluster = new FakeCluster(1);
        cluster.Fakes.Add<IWorkerGrain>(key => new FakeWorkerGrain((string)key, []));
        await using DoraClient dora = await cluster.ConnectAsync();

        DoraException error = await Assert.ThrowsAsync<DoraException>(() => dora.GetWorkerStatusAsync(new WorkerId("w0")));

        Assert.Equal(DoraErrorCode.Unavailable, error.Code);
        Assert.Contains("worker 'w0'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddMount_Refused_ThrowsTheClustersWord_AndIsAskedOnce()
    {
        await using var cluster = new FakeCluster(1);
        var table = new FakeMountTable();
        cluster.Fakes.Add<IMountTableGrain>(_ => table);
        await using DoraClient dora = await cluster.ConnectAsync();

        DoraException refused = await Assert.ThrowsAsync<DoraException>(() => dora.Mounts.AddAsync("/x/", "/store/"));
        DoraException invalid = await Assert.ThrowsAsync<DoraException>(() => dora.Mounts.AddAsync("x", "/store"));

        Assert.Equal((DoraErrorCode.NotFound, "no such directory"), (refused.Code, refused.Message));
        Assert.Equal(DoraErrorCode.InvalidPath, invalid.Code);
        Assert.Equal(["/x file:///store"], table.Asked);
    }

    [Fact]
    public async Task ListMounts_AsksTheClustersTable()
    {
        await using var cluster = new FakeCluster(1);
        var table = new FakeMountTable();
        cluster.Fakes.Add<IMountTableGrain>(_ => table);
        await using DoraClient dora = await cluster.ConnectAsync();

        Assert.Equal(["/a", "/b"], (await dora.Mounts.ListAsync()).Select(static m => m.Path.Value));
        Assert.Equal(["/data"], dora.Mounts.Current.Select(static m => m.Path.Value));
    }

    [Fact]
    public async Task MountRulesAndPins_Refused_ThrowTheClustersWord()
    {
        await using var cluster = new FakeCluster(1);
        var table = new FakeMountTable();
        cluster.Fakes.Add<IMountTableGrain>(_ => table);
        await using DoraClient dora = await cluster.ConnectAsync();

        Func<Task>[] calls = [() => dora.Mounts.SetRulesAsync("/x/", new CacheRules(1 << 20, default)), () => dora.Mounts.PinAsync("/x/y/", 30), () => dora.Mounts.UnpinAsync("/x/y/"), () => dora.Mounts.RemoveAsync("/x/")];
        foreach (Func<Task> call in calls)
        {
            Assert.Equal("no such directory", (await Assert.ThrowsAsync<DoraException>(call)).Message);
        }

        Assert.Equal(["/x 1048576 00:00:00", "/x/y 30%", "/x/y", "/x"], table.Asked);
        Assert.Equal(DoraErrorCode.InvalidArgument, (await Assert.ThrowsAsync<DoraException>(() => dora.Mounts.PinAsync("/x", 99))).Code);
        Assert.Empty(dora.Mounts.Pins);
    }

    private static LoadJobStatus Status(string id, string path, LoadJobState state) => new()
    {
        JobId = id,
        Path = path,
        State = state,
        ListingComplete = true,
        FilesFound = 1,
        BytesFound = 1,
        FilesDone = 1,
        BytesDone = 1,
        FilesFailed = 0,
        Failures = [],
        StartedAt = default,
        EndedAt = null,
    };

    private sealed class Recorder : IProgress<LoadJobStatus>
    {
        public List<LoadJobState> States { get; } = [];

        public void Report(LoadJobStatus value) => States.Add(value.State);
    }

    private sealed class FakeJob(int polls) : ILoadJobGrain
    {
        private int _left = polls;
        private string _path = "";

        public TaskCompletionSource Polled { get; } = new();

        public bool IsStopped { get; private set; }

        public int LostCalls { get; set; }

        public Task<LoadJobReply> StartAsync(LoadJobSpec spec)
        {
            _path = spec.Path;
            return Reply();
        }

        public Task<LoadJobReply> GetStatusAsync()
        {
            if (LostCalls-- > 0)
            {
                throw new TimeoutException();
            }

            _left--;
            Polled.TrySetResult();
            return Reply();
        }

        public Task<LoadJobReply> StopAsync()
        {
            IsStopped = true;
            return Reply();
        }

        private Task<LoadJobReply> Reply() =>
            Task.FromResult(new LoadJobReply(DoraErrorCode.None, null, Status("j", _path, _left > 0 ? LoadJobState.Running : LoadJobState.Succeeded)));
    }

    private sealed class FakeJobs : IJobsGrain
    {
        public Task<JobListReply> ListAsync(string? continuation, int limit, CancellationToken cancellationToken)
        {
            int page = int.Parse(continuation ?? "0", System.Globalization.CultureInfo.InvariantCulture);
            return Task.FromResult(new JobListReply(DoraErrorCode.None, null, [Status($"j{page}", "/data", LoadJobState.Succeeded)], page < 2 ? $"{page + 1}" : null));
        }
    }

    private sealed class FakeWorkerGrain(string id, ConcurrentBag<string> asked) : IWorkerGrain
    {
        public Task<long> TakeOverAsync(PageOffer[] offers, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<long> TakeOverMetadataAsync(string workerId, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task RememberAsync(FileStat[] listed, CancellationToken cancellationToken) => throw new NotSupportedException();

        public Task<WorkerStatus> GetStatusAsync() => throw new TimeoutException();

        public Task RefreshMountsAsync(long version, CancellationToken cancellationToken) => Task.CompletedTask;

        public Task<FreeReply> FreeAsync(string path, bool forgetMetadata, CancellationToken cancellationToken)
        {
            asked.Add($"{id} {path} {forgetMetadata}");
            return Task.FromResult(new FreeReply(DoraErrorCode.None, null, 1, 100));
        }
    }

    private sealed class FakeMountTable : IMountTableGrain
    {
        public List<string> Asked { get; } = [];

        public Task<MountTableView> GetAsync() => Task.FromResult(new MountTableView(7, [new MountView("/b", "/store/b", 0, ""), new MountView("/a", "/store/a", 0, "")]));

        public Task<MountReply> AddAsync(MountView mount, CancellationToken cancellationToken) => RefuseAsync($"{mount.Path} {mount.Ufs}");

        public Task<MountReply> SetRulesAsync(string path, long quotaBytes, TimeSpan pageTtl, CancellationToken cancellationToken) =>
            RefuseAsync($"{path} {quotaBytes} {pageTtl}");

        public Task<MountReply> PinAsync(PinView pin, CancellationToken cancellationToken) => RefuseAsync($"{pin.Prefix} {pin.SharePercent}%");

        public Task<MountReply> UnpinAsync(string path, CancellationToken cancellationToken) => RefuseAsync(path);

        public Task<MountReply> RemoveAsync(string path, CancellationToken cancellationToken) => RefuseAsync(path);

        private Task<MountReply> RefuseAsync(string asked)
        {
            Asked.Add(asked);
            return Task.FromResult(new MountReply(DoraErrorCode.NotFound, "no such directory", new MountTableView(1, [])));
        }
    }
}
