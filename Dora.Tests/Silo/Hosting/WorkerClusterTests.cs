using Dora.Client;
using Dora.Interfaces;
using Dora.Silo.Peers;
using Dora.Storage.Pages;
using Dora.Tests.Waiting;
using Microsoft.Extensions.DependencyInjection;

namespace Dora.Tests.Silo.Hosting;

[Trait("Category", "Cluster")]
public sealed class WorkerClusterTests
{
    private const int Files = 60;
    private const int Length = 100_000;

    // However busy the machine, a worker that lives is waited for: asking the store instead would count.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private static readonly PeerOptions PatientPeers = new()
    {
        MinSilence = Patience,
        MaxSilence = Patience,
        Grace = Patience,
        Limit = Patience,
        StandInSilence = Patience,
        StandInLimit = Patience,
    };

    private static readonly DoraClientOptions PatientClient = new()
    {
        Timeouts = new() { MinRequest = Patience, Request = Patience, Operation = 2 * Patience, Hung = Patience },
        Hedging = new() { Share = 0 },
    };

    [Fact]
    public async Task Load_RealDirectory_IsOnTheDisksOfItsOwnersAndFreedFromThem()
    {
        await using WorkerCluster cluster = await WorkerCluster.StartAsync(3);
        byte[] content = new byte[Length];
        new Random(7).NextBytes(content);
        foreach (int i in Enumerable.Range(0, Files))
        {
            cluster.Write($"d{i % 7}/f{i}", content);
        }

        await cluster.MountAsync("/data");
        ILoadJobGrain job = cluster.Client.GetGrain<ILoadJobGrain>("j");
        await job.StartAsync(new LoadJobSpec("/data", 0));
        LoadJobStatus? ended = null;
        await Eventually.Async(async () => (ended = (await job.GetStatusAsync()).Status)?.EndedAt is not null, "the job ends", TimeSpan.FromSeconds(60));

        Assert.Equal((LoadJobState.Succeeded, (long)Files, (long)Files * Length), (ended!.State, ended.FilesDone, ended.BytesDone));
        WorkerStatus[] loaded = await StatusAsync(cluster);
        Assert.Equal(Files, loaded.Sum(static s => s.Pages));
        Assert.Equal((long)Files * Length, loaded.Sum(static s => s.StoreBytes));
        Assert.All(loaded, static s => Assert.InRange(s.PageBytes, Length, s.PageCapacityBytes));

        FreeReply[] freed = await Task.WhenAll(loaded.Select(s => cluster.Client.GetGrain<IWorkerGrain>(s.WorkerId).FreeAsync("/data", false, default)));
        Assert.Equal(Files, freed.Sum(static f => f.Files));
        Assert.Equal(0, (await StatusAsync(cluster)).Sum(static s => s.Pages));
    }

    [Fact]
    public async Task Workers_JoinAndStopGracefully_PagesMoveBetweenWorkers_TheStoreIsAskedForNone()
    {
        await using WorkerCluster cluster = await WorkerCluster.StartAsync(2, static silo => silo.Services.AddSingleton(PatientPeers));
        byte[] content = new byte[Length];
        new Random(8).NextBytes(content);
        string[] names = [.. Enumerable.Range(0, Files).Select(static i => $"f{i}")];
        Array.ForEach(names, n => cluster.Write(n, content));
        await cluster.MountAsync("/data");
        await using DoraClient client = await DoraClient.ConnectAsync(cluster.Client, PatientClient);
        await ReadAllAsync();
        Assert.Equal((long)Files * Length, (await StatusAsync(cluster)).Sum(static s => s.StoreBytes));

        Orleans.TestingHost.InProcessSiloHandle joined = await cluster.Orleans.StartAdditionalSiloAsync();
        await Eventually.Async(() => client.Workers.Length == 3, "the client to see three workers");
        await ReadAllAsync();
        WorkerStatus[] three = await StatusAsync(cluster);
        string name = client.Workers.Select(static w => w.Id.Value).Single(id => three.Single(s => s.WorkerId == id).PageBytes > 0 && three.Single(s => s.WorkerId == id).StoreBytes == 0);
        Assert.InRange(three.Single(s => s.WorkerId == name).PeerBytes, Length, long.MaxValue);
        Assert.Equal((long)Files * Length, three.Sum(static s => s.StoreBytes));

        // What only the joined worker has: files that come now.
        string[] late = [.. Enumerable.Range(0, Files).Select(static i => $"late{i}")];
        Array.ForEach(late, n => cluster.Write(n, content));
        names = late;
        await ReadAllAsync();
        long before = (await StatusAsync(cluster)).Where(s => s.WorkerId != name).Sum(static s => s.StoreBytes);
        await cluster.Orleans.StopSiloAsync(joined);
        await Eventually.Async(() => client.Workers.Length == 2, "the client to see two workers");
        await ReadAllAsync();
        Assert.Equal(before, (await StatusAsync(cluster)).Sum(static s => s.StoreBytes));

        async Task ReadAllAsync()
        {
            foreach (string file in names)
            {
                byte[] read = await client.ReadAllBytesAsync($"/data/{file}");
                Assert.True(content.AsSpan().SequenceEqual(read), file);
            }
        }
    }

    [Fact]
    public async Task Workers_AllStopAtOnce_NoPageIsHandedOver()
    {
        await using WorkerCluster cluster = await WorkerCluster.StartAsync(3, static silo => silo.Services.AddSingleton(PatientPeers));
        IPageStore[] stores = await LoadAsync(cluster);
        Orleans.TestingHost.InProcessSiloHandle[] all = [.. cluster.Orleans.Silos];
        Assert.Equal(Files, stores.Sum(static s => s.Statistics.Pages));

        await Task.WhenAll(all.Select(cluster.Orleans.StopSiloAsync));

        Assert.Equal(Files, stores.Sum(static s => s.Statistics.Pages));
    }

    [Fact]
    public async Task Workers_TwoOfThreeStopAtOnce_TheThirdHasAll()
    {
        await using WorkerCluster cluster = await WorkerCluster.StartAsync(3, static silo => silo.Services.AddSingleton(PatientPeers));
        IPageStore[] stores = await LoadAsync(cluster);

        await Task.WhenAll(cluster.Orleans.Silos.Take(2).ToArray().Select(cluster.Orleans.StopSiloAsync));

        Assert.Equal(Files, stores[2].Statistics.Pages);
    }

    [Fact]
    public async Task Worker_Joined_WhatTheOthersHadIsCopies_AndIsCountedAndFreedAsThat()
    {
        await using WorkerCluster cluster = await WorkerCluster.StartAsync(2, static silo => silo.Services.AddSingleton(PatientPeers));
        await LoadAsync(cluster);
        await using DoraClient client = await DoraClient.ConnectAsync(cluster.Client, PatientClient);
        await cluster.Orleans.StartAdditionalSiloAsync();
        await Eventually.Async(
            () => client.Workers.Length == 3 && cluster.Orleans.Silos.All(static s => s.ServiceProvider.GetRequiredService<IClusterState>().Current.Workers.Length == 3),
            "the client and every worker to see three workers");
        foreach (int i in Enumerable.Range(0, Files))
        {
            await client.ReadAllBytesAsync($"/data/f{i}");
        }

        IReadOnlyList<CachedSum> sums = await client.Cache.SumAsync("/data");
        long copies = sums.Sum(static s => s.Copies);
        Assert.Equal(((long)Files, (long)Files * Length), (sums.Sum(static s => s.Files), sums.Sum(static s => s.Bytes)));
        Assert.InRange(copies, 1, Files - 1);
        Assert.Equal(copies * Length, sums.Sum(static s => s.CopyBytes));

        FreeResult freed = await client.FreeAsync("/data");
        Assert.Equal((Files, copies), (freed.Files, freed.Copies));
        Assert.Equal(0, (await client.Cache.SumAsync("/data")).Sum(static s => s.Files + s.Copies));
    }

    private static async Task<IPageStore[]> LoadAsync(WorkerCluster cluster)
    {
        byte[] content = new byte[Length];
        string[] names = [.. Enumerable.Range(0, Files).Select(static i => $"f{i}")];
        Array.ForEach(names, n => cluster.Write(n, content));
        await cluster.MountAsync("/data");
        await using DoraClient client = await DoraClient.ConnectAsync(cluster.Client, PatientClient);
        foreach (string name in names)
        {
            await client.ReadAllBytesAsync($"/data/{name}");
        }

        return [.. cluster.Orleans.Silos.Select(static s => s.ServiceProvider.GetRequiredService<IPageStore>())];
    }

    private static async Task<WorkerStatus[]> StatusAsync(WorkerCluster cluster)
    {
        ClusterView view = await cluster.Client.GetGrain<IClusterViewGrain>(0).GetAsync();
        return await Task.WhenAll(view.Workers.Select(w => cluster.Client.GetGrain<IWorkerGrain>(w.Id).GetStatusAsync()));
    }
}
