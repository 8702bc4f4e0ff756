using System.Collections.Concurrent;
using Dora.Grains;
using Dora.Grains.Cluster;
using Dora.Grains.Placement;
using Dora.Interfaces;
using Dora.Tests.Doubles;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Configuration;
using Orleans.TestingHost;
using Eventually = Dora.Tests.Waiting.Eventually;

namespace Dora.Tests.Grains.Doubles;

/// <summary>A cluster of workers in this process: the product's grains, placement and cluster store over storage in memory.</summary>
internal sealed class GrainCluster : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly ConcurrentDictionary<string, MemoryWorkerStorage> _storage = new(StringComparer.Ordinal);
    private readonly InProcessTestCluster _cluster;

    private GrainCluster(int workers, Action<ISiloBuilder>? configure)
    {
        var builder = new InProcessTestClusterBuilder((short)workers);
        builder.Options.ConfigureFileLogging = false;
#pragma warning disable ORLEANSEXP003 // as the product does, see Dora.Silo/Hosting
        builder.Options.UseDistributedGrainDirectory = true;
#pragma warning restore ORLEANSEXP003
        builder.ConfigureSilo((options, silo) => Compose(options.SiloName.ToLowerInvariant(), silo, configure));
        builder.ConfigureClient(client => client.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(10)));
        _cluster = builder.Build();
    }

    public InProcessTestCluster Orleans => _cluster;

    public IClusterClient Client => _cluster.Client;

    public MemoryUfsProvider Stores { get; } = new();

    public IEnumerable<MemoryWorkerStorage> Storage => _cluster.Silos.Select(StorageOf);

    /// <summary>Starts the cluster; every worker knows every other one.</summary>
    public static async Task<GrainCluster> StartAsync(int workers, Action<ISiloBuilder>? configure = null)
    {
        var cluster = new GrainCluster(workers, configure);
        await cluster._cluster.DeployAsync();
        await cluster.SettleAsync();
        return cluster;
    }

    public MemoryWorkerStorage StorageOf(InProcessSiloHandle silo) => _storage[WorkerOf(silo).Value];

    public static WorkerId WorkerOf(InProcessSiloHandle silo) =>
        WorkerDescriptor.Parse(silo.ServiceProvider.GetRequiredService<ILocalSiloDetails>().Name)!.Id;

    public static ClusterState StateOf(InProcessSiloHandle silo) => silo.ServiceProvider.GetRequiredService<ClusterState>();

    /// <summary>File grains that are active on a silo.</summary>
    public static int FileGrainsOf(InProcessSiloHandle silo) => silo.ServiceProvider.GetRequiredService<FileGrainHome>().Active;

    public IFileGrain File(string path) => Client.GetGrain<IFileGrain>(path);

    /// <summary>Mounts a store in memory.</summary>
    public async Task<MemoryUfs> MountAsync(string path, string location, string freshness = "immutable")
    {
        MountReply reply = await Client.GetGrain<IMountTableGrain>(IMountTableGrain.Key)
            .AddAsync(new MountView(path, "memory://" + location, 0, freshness), CancellationToken.None);
        Assert.True(reply.Code == DoraErrorCode.None, reply.Message);
        return Stores[location];
    }

    /// <summary>Waits until every worker's snapshot has exactly the workers that run.</summary>
    public Task SettleAsync() => Eventually.Async(
        () => _cluster.Silos.All(s => StateOf(s).Current.Workers.Length == _cluster.Silos.Count),
        $"every worker sees {_cluster.Silos.Count} workers");

    public async ValueTask DisposeAsync()
    {
        // Killed: nobody needs what a worker that stops would hand over to workers that stop next.
        await Task.WhenAll(_cluster.Silos.ToArray().Select(_cluster.KillSiloAsync));
        await _cluster.DisposeAsync();
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _directory.Dispose();
    }

    private void Compose(string worker, ISiloBuilder silo, Action<ISiloBuilder>? configure)
    {
        MemoryWorkerStorage storage = _storage.GetOrAdd(worker, _ => new MemoryWorkerStorage(Stores));
        storage.AddTo(silo.Services);
        silo.AddDoraClusterStore(ClusterAddress.Parse(_directory["cluster"]));
        silo.AddDoraClusterState();
        silo.AddDoraPlacement();
        silo.AddDoraGrains();
        silo.UseInMemoryReminderService();
        silo.Services.PostConfigure<SiloOptions>(o => o.SiloName = new WorkerDescriptor(new WorkerId(worker), 1, 0, 100).ToSiloName());
        configure?.Invoke(silo);
    }
}
