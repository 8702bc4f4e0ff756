using Dora.Grains.Cluster;
using Dora.Grains.ClusterStore;
using Dora.Grains.Files;
using Dora.Grains.Jobs;
using Dora.Grains.Mounts;
using Dora.Grains.Placement;
using Dora.Grains.Workers;
using Dora.Storage.Files;
using Dora.Storage.Pages;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Dora.Grains;

/// <summary>What makes a silo a Dora worker, a feature a method.</summary>
public static class DoraSiloBuilderExtensions
{
    /// <summary>The cluster store on this host: mounts and jobs in a SQLite file, created or upgraded at once.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="address">Where; the directory is created.</param>
    /// <exception cref="DoraException"><see cref="DoraErrorCode.Configuration"/>: the file cannot be opened or is newer than this program.</exception>
    public static ISiloBuilder AddDoraClusterStore(this ISiloBuilder silo, ClusterAddress address)
    {
        var database = new SqliteDatabase(address.DatabaseFile);
        SqliteSchema.Ensure(database);
        silo.Services.AddSingleton(database);
        silo.Services.AddSingleton<IMountStore, SqliteMountStore>();
        silo.Services.AddSingleton<IJobStore, SqliteJobStore>();
        return silo;
    }

    /// <summary>Orleans' membership and reminders in the cluster's database; see <see cref="OrleansTables.EnsureAsync"/>.</summary>
    /// <param name="silo">The silo.</param>
    /// <param name="address">Where; the database is there.</param>
    public static ISiloBuilder UseDoraClusterStore(this ISiloBuilder silo, ClusterAddress address)
    {
        string connection = address.ConnectionString;
        silo.UseAdoNetClustering(o => (o.Invariant, o.ConnectionString) = (ClusterAddress.Invariant, connection));
        silo.UseAdoNetReminderService(o => (o.Invariant, o.ConnectionString) = (ClusterAddress.Invariant, connection));
        return silo;
    }

    /// <summary>The cluster's state: workers from membership, mounts from the cluster store.</summary>
    public static ISiloBuilder AddDoraClusterState(this ISiloBuilder silo, ClusterTimings? timings = null)
    {
        IServiceCollection services = silo.Services;
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(timings ?? new ClusterTimings());
        services.AddSingleton<ClusterState>();
        services.AddSingleton<IClusterState>(static s => s.GetRequiredService<ClusterState>());
        services.AddSingleton<IClusterWatch>(static s => s.GetRequiredService<ClusterState>());
        services.AddSiloParticipant<MembershipFeed>();
        services.AddSiloParticipant<MountTableFeed>();
        return silo;
    }

    /// <summary>Placement of file grains on the ring and of worker grains on their workers, and what sends file grains home.</summary>
    public static ISiloBuilder AddDoraPlacement(this ISiloBuilder silo)
    {
        silo.Services.AddSingleton<CompatibleRing>();
        silo.Services.AddSingleton<FileGrainHome>();
        silo.AddPlacementDirector<DoraRingPlacement, DoraRingPlacementDirector>();
        silo.AddPlacementDirector<DoraWorkerPlacement, DoraWorkerPlacementDirector>();
        return silo;
    }

    /// <summary>
    /// The grains. They need the worker's storage in the services: <c>IFileCatalog</c>, <c>IFileReader</c>, <c>IMetadataStore</c>, <c>IPageStore</c>,
    /// <c>IUfsProvider</c>, <see cref="IWorkerFiles"/> and <see cref="IWorkerCounters"/>.
    /// </summary>
    public static ISiloBuilder AddDoraGrains(this ISiloBuilder silo)
    {
        silo.Services.AddSingleton<OtherWorkers>();
        silo.Services.AddSingleton<JobCalls>();
        silo.Services.AddSingleton<BatchLoader>();
        silo.Services.AddSingleton<HeldFiles>();
        silo.Services.AddSingleton<MountChecks>();
        silo.Services.AddSingleton<WorkerReport>();
        silo.Services.AddSingleton<OwnFiles>();
        silo.Services.AddSingleton<CacheCleaner>();
        silo.Services.AddSingleton<PageTaker>();
        silo.Services.AddSingleton(static s => new PageImport(
            s.GetRequiredService<IPageStore>(), s.GetService<IPagePeers>() ?? NoPagePeers.Instance, s.GetRequiredService<IClusterState>()));
        silo.Services.AddSiloParticipant<PageRulesFeed>();
        return silo;
    }

    private static void AddSiloParticipant<T>(this IServiceCollection services)
        where T : class, ILifecycleParticipant<ISiloLifecycle>
    {
        services.AddSingleton<T>();
        services.AddSingleton<ILifecycleParticipant<ISiloLifecycle>>(static s => s.GetRequiredService<T>());
    }
}
