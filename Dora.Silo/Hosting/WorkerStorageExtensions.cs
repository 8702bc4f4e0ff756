using Dora.Grains.Files;
using Dora.Grains.Workers;
using Dora.Silo.Files;
using Dora.Storage.Files;
using Dora.Storage.Metadata;
using Dora.Storage.Pages;
using Dora.Storage.Ufs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Dora.Silo.Hosting;

/// <summary>A worker's storage: connectors to the under stores, metadata, pages, and what reads through them.</summary>
internal static class WorkerStorageExtensions
{
    public static ISiloBuilder AddDoraStorage(this ISiloBuilder silo, WorkerOptions options, DataDirectory data)
    {
        IServiceCollection services = silo.Services;
        services.AddSingleton<IUfsProvider>(static _ => UfsProvider.CreateDefault());
        services.AddSingleton(s => TwoLevelMetadataStore.Open(
            new MetadataStoreOptions { Directory = data.Metadata, MemoryBudgetBytes = options.MetadataMemoryBytes },
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<TwoLevelMetadataStore>>()));
        services.AddSingleton<IMetadataStore>(static s => s.GetRequiredService<TwoLevelMetadataStore>());
        services.AddSingleton<IMetadataScan>(static s => s.GetRequiredService<TwoLevelMetadataStore>());
        services.AddSingleton<IPageStore>(s => SegmentPageStore.Open(
            new PageStoreOptions
            {
                Directory = data.Pages,
                CapacityBytes = options.PageCapacityBytes,
                MoreDirectories = options.MorePageDirectories,
                Belongs = KeptBy(data.WorkerId, s.GetRequiredService<IClusterState>()),
            },
            s.GetRequiredService<TimeProvider>(),
            s.GetRequiredService<ILogger<SegmentPageStore>>()));
        services.AddSingleton<FileTurns>();
        services.AddSingleton<FileChanges>();
        services.AddSingleton<WorkerStores>();
        services.AddSingleton<SnapshotReads>();
        services.AddSingleton<WorkerFiles>();
        services.AddSingleton<IWorkerFiles>(static s => s.GetRequiredService<WorkerFiles>());
        services.AddSingleton(s => new FileCatalogOptions { RemembersListed = OwnedBy(data.WorkerId, s.GetRequiredService<IClusterState>()) });
        services.AddSingleton<IFileCatalog, FileCatalog>();
        services.AddSingleton(new FileReaderOptions());
        services.AddSingleton<FileReader>();
        services.AddSingleton<IFileReader>(static s => s.GetRequiredService<FileReader>());
        services.AddSingleton<IWorkerCounters, WorkerCounters>();
        return silo;
    }

    /// <summary>A worker keeps what it owns, and is a replica of by the mount's word; all else are copies. Before it is a member it knows nothing of that.</summary>
    private static Func<FileId, ushort, bool> KeptBy(WorkerId worker, IClusterState cluster) => (file, mount) =>
    {
        ClusterSnapshot now = cluster.Current;
        if (now.Find(worker) is null)
        {
            return true;
        }

        Span<int> owners = stackalloc int[Mount.MaxReplicas];
        int replicas = Math.Clamp(now.Mounts.Find(mount)?.Replicas ?? 1, 1, owners.Length);
        foreach (int owner in owners[..now.Ring.Owners(file, owners[..replicas])])
        {
            if (now.Workers[owner].Id == worker)
            {
                return true;
            }
        }

        return false;
    };

    /// <summary>Whoever lists a directory brings the owners of the other files their entries (a load), or they ask the store when somebody asks them.</summary>
    private static Func<FileId, bool> OwnedBy(WorkerId worker, IClusterState cluster) =>
        file => cluster.Current.Ring is { IsEmpty: false } ring && ring.Owner(file) == worker;
}
