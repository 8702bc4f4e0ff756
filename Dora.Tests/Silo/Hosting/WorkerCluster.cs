using System.Collections.Concurrent;
using Dora.Interfaces;
using Dora.PageChannel.Server;
using Dora.Silo.Hosting;
using Dora.Tests.Doubles;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Orleans.Configuration;
using Orleans.TestingHost;

namespace Dora.Tests.Silo.Hosting;

/// <summary>Whole workers (disk, page channel and all) as silos of a test cluster in this process, composed as in <see cref="WorkerHost"/>.</summary>
internal sealed class WorkerCluster : IAsyncDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly ConcurrentBag<IAsyncDisposable> _listeners = [];
    private readonly ConcurrentBag<DataDirectory> _data = [];

    private WorkerCluster(int workers, Action<ISiloBuilder>? more)
    {
        var builder = new InProcessTestClusterBuilder((short)workers);
        builder.Options.ConfigureFileLogging = false;
#pragma warning disable ORLEANSEXP003 // as the product does, see Dora.Silo/Hosting
        builder.Options.UseDistributedGrainDirectory = true;
#pragma warning restore ORLEANSEXP003
        builder.ConfigureSilo((options, silo) => Compose(options.SiloName.ToLowerInvariant(), builder.Options.ClusterId, silo, more));
        builder.ConfigureClient(client => client.Configure<ClientMessagingOptions>(o => o.ResponseTimeout = TimeSpan.FromSeconds(10)));
        Orleans = builder.Build();
    }

    public InProcessTestCluster Orleans { get; }

    public IClusterClient Client => Orleans.Client;

    /// <summary>Starts the workers; each knows itself as a member.</summary>
    /// <param name="workers">How many.</param>
    /// <param name="more">Replaces parts of each.</param>
    public static async Task<WorkerCluster> StartAsync(int workers, Action<ISiloBuilder>? more = null)
    {
        var cluster = new WorkerCluster(workers, more);
        await cluster.Orleans.DeployAsync();
        await Waiting.Eventually.Async(
            () => cluster.Orleans.Silos.All(s => s.ServiceProvider.GetRequiredService<IClusterState>().Current.Workers.Length == workers),
            $"every worker sees {workers} workers");
        return cluster;
    }

    /// <summary>A file in a directory of its own that can be mounted.</summary>
    public string Write(string relative, ReadOnlySpan<byte> content) => _directory.Write("source/" + relative, content);

    /// <summary>Mounts what <see cref="Write"/> wrote.</summary>
    public Task MountAsync(string path, string freshness = "immutable") => MountAsync(path, _directory["source"], freshness);

    /// <summary>Mounts a store.</summary>
    public async Task MountAsync(string path, string store, string freshness)
    {
        MountReply reply = await Client.GetGrain<IMountTableGrain>(IMountTableGrain.Key).AddAsync(new MountView(path, store, 0, freshness), default);
        Assert.True(reply.Code == DoraErrorCode.None, reply.Message);
    }

    public async ValueTask DisposeAsync()
    {
        // Killed: nobody needs what a worker that stops would hand over to workers that stop next.
        await Task.WhenAll(Orleans.Silos.ToArray().Select(Orleans.KillSiloAsync));
        await Orleans.DisposeAsync();
        foreach (IAsyncDisposable listener in _listeners)
        {
            await listener.DisposeAsync();
        }

        foreach (DataDirectory data in _data)
        {
            data.Dispose();
        }

        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _directory.Dispose();
    }

    private void Compose(string worker, string clusterId, ISiloBuilder silo, Action<ISiloBuilder>? more)
    {
        var options = new WorkerOptions
        {
            DataDirectory = _directory[worker],
            Cluster = _directory["cluster"],
            ClusterId = clusterId,
            PageCapacityBytes = 64 << 20,
            MetadataMemoryBytes = 4 << 20,
            HandOverTime = TimeSpan.FromMinutes(1),
        };
        DataDirectory data = DataDirectory.Open(options.DataDirectory, worker);
        PageChannelListener listener = PageChannelListener.Bind(WorkerHost.PageChannel(options, data.WorkerId), TimeProvider.System, NullLogger<PageChannelListener>.Instance);
        _data.Add(data);
        _listeners.Add(listener);
        silo.Services.AddSingleton(TimeProvider.System);
        silo.UseInMemoryReminderService();
        silo.AddDoraWorker(options, data, listener);
        more?.Invoke(silo);
    }
}
