using System.Collections.Concurrent;
using Dora.Grains.ClusterStore;
using Dora.Grains.Jobs;
using Dora.Interfaces;
using Dora.Tests.Grains.Doubles;
using Dora.Tests.Waiting;
using Microsoft.Extensions.DependencyInjection;
using Orleans.TestingHost;

namespace Dora.Tests.Grains.Jobs;

[Trait("Category", "Cluster")]
public sealed class LoadJobTests
{
    private const int Directories = 40;
    private const int FilesEach = 10;
    private const long Length = 3;

    [Fact]
    public async Task Start_Directory_LoadsEveryFileOnItsOwner()
    {
        await using GrainCluster cluster = await GrainCluster.StartAsync(2);
        await MountAsync(cluster);
        ILoadJobGrain job = cluster.Client.GetGrain<ILoadJobGrain>("all");

        Assert.Equal(DoraErrorCode.None, (await job.StartAsync(new LoadJobSpec("/data", 8))).Code);
        LoadJobStatus status = await EndAsync(job);

        AssertWhole(status, LoadJobState.Succeeded, 0);
        Assert.Equal(Directories * FilesEach, cluster.Storage.Sum(static s => s.Cached.Count()));
        Assert.All(cluster.Storage, static s => Assert.NotEmpty(s.Cached));
    }

    [Fact]
    public async Task Start_FileInSeveralCalls_LoadsTheWholeFile()
    {
        await using GrainCluster cluster = await GrainCluster.StartAsync(1);
        (await cluster.MountAsync("/data", "data")).Add("big", (2 * LoadLimits.MaxBytesPerCall) + 1);
        ILoadJobGrain job = cluster.Client.GetGrain<ILoadJobGrain>("file");

        await job.StartAsync(new LoadJobSpec("/data/big", 0));
        LoadJobStatus status = await EndAsync(job);

        Assert.Equal((LoadJobState.Succeeded, 1L, (2 * LoadLimits.MaxBytesPerCall) + 1), (status.State, status.FilesDone, status.BytesDone));
        Assert.Equal(3, cluster.Storage.Single().Loads);
    }

    [Fact]
    public async Task Run_PartOfALargeFileIsLoaded_IsToldWhileItRuns()
    {
        await using GrainCluster cluster = await GrainCluster.StartAsync(1);
        (await cluster.MountAsync("/data", "data")).Add("big", (2 * LoadLimits.MaxBytesPerCall) + 1);
        using var second = new SemaphoreSlim(0);
        int ranges = 0;
        cluster.Storage.Single().OnLoad = (_, cancel) => Interlocked.Increment(ref ranges) == 2 ? second.WaitAsync(cancel) : Task.CompletedTask;
        ILoadJobGrain job = cluster.Client.GetGrain<ILoadJobGrain>("part");

        await job.StartAsync(new LoadJobSpec("/data", 0));
        await Eventually.Async(async () => (await job.GetStatusAsync()).Status!.BytesUnderWay > 0, "the first range is loaded");
        LoadJobStatus running = (await job.GetStatusAsync()).Status!;
        second.Release();
        LoadJobStatus ended = await EndAsync(job);

        Assert.Equal((LoadLimits.MaxBytesPerCall, 0L, true), (running.BytesUnderWay, running.BytesDone, running.ListingComplete));
        Assert.Equal((0L, ended.BytesFound, ended.BytesFound, 0L), (ended.BytesUnderWay, ended.BytesDone, ended.BytesFetched, ended.BytesPresent));
    }

    [Fact]
    public async Task Start_Again_IsHarmlessAndAnotherPathIsRefused()
    {
        var reads = new ConcurrentBag<string>();
        await using GrainCluster cluster = await GrainCluster.StartAsync(1, silo => CountReads(silo, reads));
        await MountAsync(cluster);
        ILoadJobGrain job = cluster.Client.GetGrain<ILoadJobGrain>("twice");

        LoadJobReply[] replies = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => job.StartAsync(new LoadJobSpec("/data", 0))));
        LoadJobStatus status = await EndAsync(job);

        Assert.All(replies, static r => Assert.Equal(DoraErrorCode.None, r.Code));
        AssertWhole(status, LoadJobState.Succeeded, 0);
        Assert.Single(reads); // by the activation; no start found that another had made the job
        Assert.Equal(LoadJobState.Succeeded, (await job.StartAsync(new LoadJobSpec("/data", 0))).Status!.State);
        Assert.Equal(DoraErrorCode.AlreadyExists, (await job.StartAsync(new LoadJobSpec("/data/d1", 0))).Code);
    }

    [Fact]
    public async Task Start_BadSpec_IsRefusedAndMakesNoJob()
    {
        await using GrainCluster cluster = await GrainCluster.StartAsync(1);
        await MountAsync(cluster);
        ILoadJobGrain job = cluster.Client.GetGrain<ILoadJobGrain>("bad");

        foreach ((string path, int parallelism, DoraErrorCode code) in new[]
        {
            ("/nowhere", 0, DoraErrorCode.NotMounted),
            ("/data/none", 0, DoraErrorCode.NotFound),
            ("data", 0, DoraErrorCode.InvalidPath),
            ("/data", 257, DoraErrorCode.InvalidArgument),
        })
        {
            LoadJobReply reply = await job.StartAsync(new LoadJobSpec(path, parallelism));

            Assert.Equal(code, reply.Code);
            Assert.DoesNotContain('\n', reply.Message!);
            Assert.Equal(DoraErrorCode.NotFound, (await job.GetStatusAsync()).Code);
        }
    }

    [Fact]
    public async Task Run_FileThatFailsForEver_IsTriedThreeTimesAndTold()
    {
        await using GrainCluster cluster = await GrainCluster.StartAsync(1);
        await MountAsync(cluster);
        int tries = 0;
        cluster.Storage.Single().OnLoad = (file, _) => file.UfsPath.EndsWith("d7/f7", StringComparison.Ordinal)
            ? throw new IOException($"try {Interlocked.Increment(ref tries)}")
            : Task.CompletedTask;
        ILoadJobGrain job = cluster.Client.GetGrain<ILoadJobGrain>("failing");

        await job.StartAsync(new LoadJobSpec("/data", 0));
        LoadJobStatus status = await EndAsync(job);

        AssertWhole(status, LoadJobState.CompletedWithFailures, 1);
        Assert.Equal(3, tries);
        Assert.Contains("/data/d7/f7: its worker failed: try 3", Assert.Single(status.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_RunningJob_EndsAndStaysEnded()
    {
        await using GrainCluster cluster = await GrainCluster.StartAsync(1);
        await MountAsync(cluster);
        cluster.Storage.Single().OnLoad = static (_, cancel) => Task.Delay(Timeout.Infinite, cancel);
        ILoadJobGrain job = cluster.Client.GetGrain<ILoadJobGrain>("stopped");
        await job.StartAsync(new LoadJobSpec("/data", 0));
        await Eventually.Async(() => cluster.Storage.Single().Loads > 0, "the job loads");

        LoadJobReply stopped = await job.StopAsync();

        Assert.Equal(LoadJobState.Stopped, stopped.Status!.State);
        Assert.Equal(LoadJobState.Stopped, (await job.StartAsync(new LoadJobSpec("/data", 0))).Status!.State);
    }

    [Fact]
    public async Task Run_CacheIsTooSmall_IsIncompleteAndSaysSoBeforeItsEnd()
    {
        await using GrainCluster cluster = await GrainCluster.StartAsync(1);
        await MountAsync(cluster);
        MemoryWorkerStorage storage = cluster.Storage.Single();
        const int room = 100;
        using var last = new SemaphoreSlim(0);
        storage.Capacity = room * Length;
        storage.OnLoad = async (file, cancel) =>
        {
            if (file.UfsPath.EndsWith("d39/f9", StringComparison.Ordinal))
            {
                await last.WaitAsync(cancel);
            }

            lock (last)
            {
                while (storage.Cached.Count() >= room)
                {
                    storage.Drop(storage.Cached.First());
                }
            }
        };
        ILoadJobGrain job = cluster.Client.GetGrain<ILoadJobGrain>("too-large");

        await job.StartAsync(new LoadJobSpec("/data", 1));
        await Eventually.Async(async () => (await job.GetStatusAsync()).Status!.FilesFound == Directories * FilesEach, "everything is listed");
        LoadJobStatus before = (await job.GetStatusAsync()).Status!;
        last.Release();
        LoadJobStatus status = await EndAsync(job);

        Assert.Equal(LoadJobState.Running, before.State);
        Assert.Contains("the workers can hold 300 B of them", before.Note, StringComparison.Ordinal);
        AssertWhole(status, LoadJobState.Incomplete, 0);
        Assert.Equal(((long?)room, (long?)room * Length, (long?)room * Length), (status.FilesHeld, status.BytesHeld, status.CapacityBytes));
        Assert.Equal(before.Note, status.Note);
        Assert.InRange(status.Failures.Length, 1, 10);
        Assert.Contains("0 B of 3 B are held", status.Failures[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Run_SomethingIsDroppedMeanwhile_IsLoadedAgain()
    {
        await using GrainCluster cluster = await GrainCluster.StartAsync(2);
        await MountAsync(cluster);
        int drops = 0;
        foreach (MemoryWorkerStorage storage in cluster.Storage)
        {
            storage.OnLoad = (_, _) =>
            {
                if (storage.Cached.Count() == 20 && Interlocked.Increment(ref drops) == 1)
                {
                    storage.Drop(storage.Cached.First());
                }

                return Task.CompletedTask;
            };
        }

        ILoadJobGrain job = cluster.Client.GetGrain<ILoadJobGrain>("again");
        await job.StartAsync(new LoadJobSpec("/data", 4));
        LoadJobStatus status = await EndAsync(job);

        AssertWhole(status, LoadJobState.Succeeded, 0);
        Assert.Equal((long?)Directories * FilesEach, status.FilesHeld);
        Assert.Equal(Directories * FilesEach, cluster.Storage.Sum(static s => s.Cached.Count()));
        Assert.InRange(drops, 1, 100);
        Assert.Null(status.Note);
    }

    [Fact]
    public async Task List_TellsOfEveryJob_FromAnyWorker()
    {
        await using GrainCluster cluster = await GrainCluster.StartAsync(2);
        await MountAsync(cluster);
        using var hung = new SemaphoreSlim(0);
        cluster.Storage.ToList().ForEach(s => s.OnLoad = (file, cancel) => file.UfsPath.EndsWith("d7/f7", StringComparison.Ordinal) ? hung.WaitAsync(cancel) : Task.CompletedTask);
        ILoadJobGrain ended = cluster.Client.GetGrain<ILoadJobGrain>("ended");
        ILoadJobGrain running = cluster.Client.GetGrain<ILoadJobGrain>("running");
        await ended.StartAsync(new LoadJobSpec("/data/d1", 0));
        await EndAsync(ended);
        await running.StartAsync(new LoadJobSpec("/data", 0));
        IJobsGrain jobs = cluster.Client.GetGrain<IJobsGrain>(0);

        JobListReply first = await jobs.ListAsync(null, 1, default);
        JobListReply second = await jobs.ListAsync(first.Continuation, 1, default);

        Assert.Equal(("running", LoadJobState.Running, "/data"), (first.Jobs.Single().JobId, first.Jobs.Single().State, first.Jobs.Single().Path));
        Assert.Equal(("ended", LoadJobState.Succeeded, (long)FilesEach), (second.Jobs.Single().JobId, second.Jobs.Single().State, second.Jobs.Single().FilesDone));
        Assert.Null(second.Continuation);
        Assert.Equal(LoadJobState.Stopped, (await running.StopAsync()).Status!.State);
        Assert.Equal(["running", "ended"], (await jobs.ListAsync(null, IJobsGrain.MaxPage, default)).Jobs.Select(static j => j.JobId));
        Assert.Equal(DoraErrorCode.InvalidArgument, (await jobs.ListAsync(null, 0, default)).Code);
        Assert.Equal(DoraErrorCode.InvalidArgument, (await jobs.ListAsync("nonsense", 1, default)).Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Run_WorkerOfTheJobGoes_JobEndsElsewhereWithEveryFileCountedOnce(bool kill)
    {
        await using GrainCluster cluster = await GrainCluster.StartAsync(3);
        await MountAsync(cluster);
        using var some = new SemaphoreSlim(0);
        Hold(cluster, some);
        ILoadJobGrain job = cluster.Client.GetGrain<ILoadJobGrain>("survivor");
        await job.StartAsync(new LoadJobSpec("/data", 4));
        some.Release(Directories * FilesEach / 2);
        await Eventually.Async(async () => (await job.GetStatusAsync()).Status!.FilesDone > 0, "some files are loaded");
        InProcessSiloHandle home = await HomeAsync(cluster, job);

        await (kill ? cluster.Orleans.KillSiloAsync(home) : cluster.Orleans.StopSiloAsync(home));
        some.Release(10 * Directories * FilesEach);
        LoadJobStatus status = await EndAsync(job);

        AssertWhole(status, LoadJobState.Succeeded, 0);
        Assert.NotEqual(home.SiloAddress, (await HomeAsync(cluster, job)).SiloAddress);
    }

    [Fact]
    public async Task Run_AnotherWorkerStops_TheJobGoesOnWhereItIs()
    {
        var reads = new ConcurrentBag<string>();
        await using GrainCluster cluster = await GrainCluster.StartAsync(3, silo => CountReads(silo, reads));
        await MountAsync(cluster);
        using var some = new SemaphoreSlim(0);
        Hold(cluster, some);
        ILoadJobGrain job = cluster.Client.GetGrain<ILoadJobGrain>("undisturbed");
        await job.StartAsync(new LoadJobSpec("/data", 4));
        await Eventually.Async(() => cluster.Storage.Any(static s => s.Loads > 0), "files are loaded");
        InProcessSiloHandle home = await HomeAsync(cluster, job);
        int before = reads.Count;

        await cluster.Orleans.StopSiloAsync(cluster.Orleans.Silos.Last(s => s != home));
        some.Release(10 * Directories * FilesEach);

        AssertWhole(await EndAsync(job), LoadJobState.Succeeded, 0);
        Assert.Equal(before, reads.Count);
        Assert.Equal(home.SiloAddress, (await HomeAsync(cluster, job)).SiloAddress);
    }

    [Fact]
    public async Task Run_SmallFiles_ActivatesNoGrainForThem()
    {
        await using GrainCluster cluster = await GrainCluster.StartAsync(2);
        await MountAsync(cluster);
        ILoadJobGrain job = cluster.Client.GetGrain<ILoadJobGrain>("few");

        await job.StartAsync(new LoadJobSpec("/data", 8));
        AssertWhole(await EndAsync(job), LoadJobState.Succeeded, 0);

        // The directories and the mount's root.
        Assert.InRange(cluster.Orleans.Silos.Sum(GrainCluster.FileGrainsOf), 1, Directories + 1);
    }

    [Fact]
    public async Task Run_ALargeFileThatHangs_HoldsUpNoOther()
    {
        await using GrainCluster cluster = await GrainCluster.StartAsync(1);
        MemoryUfs store = await MountAsync(cluster);
        store.Add("a-large", LoadJobRun.LargeFile + 1);
        using var large = new SemaphoreSlim(0);
        cluster.Storage.Single().OnLoad = (file, cancel) => file.Length > LoadJobRun.LargeFile ? large.WaitAsync(cancel) : Task.CompletedTask;
        ILoadJobGrain job = cluster.Client.GetGrain<ILoadJobGrain>("beside");

        await job.StartAsync(new LoadJobSpec("/data", 2));
        await Eventually.Async(async () => (await job.GetStatusAsync()).Status!.FilesDone == Directories * FilesEach, "all other files are loaded");
        Assert.Equal(LoadJobState.Running, (await job.GetStatusAsync()).Status!.State);
        large.Release();

        LoadJobStatus status = await EndAsync(job);
        Assert.Equal((LoadJobState.Succeeded, (Directories * FilesEach) + 1L), (status.State, status.FilesDone));
    }

    [Fact]
    public async Task Run_AFileThatHangs_WhatIsDoneIsWrittenAllTheSame()
    {
        await using GrainCluster cluster = await GrainCluster.StartAsync(1);
        await MountAsync(cluster);
        using var hung = new SemaphoreSlim(0);
        cluster.Storage.Single().OnLoad = (file, cancel) => file.UfsPath.EndsWith("d7/f7", StringComparison.Ordinal) ? hung.WaitAsync(cancel) : Task.CompletedTask;
        IJobStore written = cluster.Orleans.Silos.Single().ServiceProvider.GetRequiredService<IJobStore>();
        ILoadJobGrain job = cluster.Client.GetGrain<ILoadJobGrain>("written");

        await job.StartAsync(new LoadJobSpec("/data", 4));
        await Eventually.Async(
            async () => (await written.ReadAsync("written", default))!.Counters.FilesDone == (Directories * FilesEach) - 1, "all other files count as done in the cluster store");
        Assert.Equal(new PendingListing("/data/d7/f7", null), Assert.Single((await written.ReadAsync("written", default))!.Pending));
        hung.Release();

        AssertWhole(await EndAsync(job), LoadJobState.Succeeded, 0);
    }

    [Fact]
    public async Task Run_WorkersWithoutBatches_LoadsThroughFileGrains()
    {
        await using GrainCluster cluster = await GrainCluster.StartAsync(2, static silo => silo.AddIncomingGrainCallFilter(static context =>
            context.InterfaceName.Contains("IWorkerBatchGrain", StringComparison.Ordinal) ? throw new OrleansException("no such grain") : context.Invoke()));
        MemoryUfs store = await cluster.MountAsync("/data", "data");
        store.Add("d/f", Length);
        ILoadJobGrain job = cluster.Client.GetGrain<ILoadJobGrain>("earlier");

        await job.StartAsync(new LoadJobSpec("/data", 0));
        LoadJobStatus status = await EndAsync(job);

        Assert.Equal((LoadJobState.Succeeded, 1L, 0L), (status.State, status.FilesDone, status.FilesFailed));
        Assert.Single(cluster.Storage.SelectMany(static s => s.Cached));
    }

    private static void CountReads(ISiloBuilder silo, ConcurrentBag<string> reads) => silo.Services.AddSingleton<IJobStore>(
        services => new CountingJobStore(ActivatorUtilities.CreateInstance<SqliteJobStore>(services), reads));

    private static void Hold(GrainCluster cluster, SemaphoreSlim some)
    {
        foreach (MemoryWorkerStorage storage in cluster.Storage)
        {
            storage.OnLoad = (_, cancel) => some.WaitAsync(cancel);
        }
    }

    private static void AssertWhole(LoadJobStatus status, LoadJobState state, int failed)
    {
        const int files = Directories * FilesEach;
        Assert.Equal(state, status.State);
        Assert.True(status.ListingComplete);
        Assert.Equal((files, files * Length), (status.FilesFound, status.BytesFound));
        Assert.Equal((files - failed, (files - failed) * Length), (status.FilesDone, status.BytesDone));
        Assert.Equal(failed, status.FilesFailed);
        Assert.NotNull(status.EndedAt);
    }

    private static async Task<MemoryUfs> MountAsync(GrainCluster cluster)
    {
        MemoryUfs store = await cluster.MountAsync("/data", "data");
        foreach (int i in Enumerable.Range(0, Directories * FilesEach))
        {
            store.Add($"d{i / FilesEach}/f{i % FilesEach}", Length);
        }

        return store;
    }

    private static async Task<LoadJobStatus> EndAsync(ILoadJobGrain job)
    {
        LoadJobStatus? status = null;
        await Eventually.Async(
            async () =>
            {
                try
                {
                    status = (await job.GetStatusAsync()).Status;
                }
                catch (Exception e) when (e is OrleansException or TimeoutException)
                {
                    // Its worker is gone and nobody has taken over yet.
                }

                return status?.EndedAt is not null;
            },
            "the job ends",
            TimeSpan.FromSeconds(60));
        return status!;
    }

    private static async Task<InProcessSiloHandle> HomeAsync(GrainCluster cluster, ILoadJobGrain job)
    {
        SiloAddress? home = null;
        await Eventually.Async(
            async () => (home = await cluster.Client.GetGrain<IManagementGrain>(0).GetActivationAddress(job)) is not null, "the job has an activation");
        return cluster.Orleans.Silos.Single(s => s.SiloAddress.Equals(home));
    }
}
