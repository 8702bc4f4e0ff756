using System.Diagnostics;
using System.Reflection;
using Dora.Grains.Placement;
using Dora.Interfaces;
using Dora.Storage.Metadata;
using Dora.Storage.Pages;

namespace Dora.Grains.Workers;

/// <summary>Collects what a worker says about itself.</summary>
internal sealed class WorkerReport(
    IPageStore pages, IMetadataStore metadata, FileGrainHome grains, IWorkerCounters counters, TimeProvider time)
{
    /// <summary>When the worker started, UTC.</summary>
    public DateTimeOffset StartedAt { get; } = time.GetUtcNow();

    public WorkerStatus Create(string workerId)
    {
        PageStoreStatistics page = pages.Statistics;
        return new WorkerStatus
        {
            WorkerId = workerId,
            StartedAt = StartedAt,
            ProcessId = Environment.ProcessId,
            Version = Assembly.GetExecutingAssembly().GetName().Version?.ToString(3) ?? "unknown",
            Files = metadata.Statistics.Entries,
            Pages = page.Pages,
            PageBytes = page.Bytes,
            PageCapacityBytes = page.CapacityBytes,
            PageHits = page.Hits,
            PageMisses = page.Misses,
            StoreBytes = counters.StoreBytes,
            PeerBytes = counters.PeerBytes,
            DamagedPages = page.Damaged,
            FileGrains = grains.Active,
            WorkingSetBytes = WorkingSet(),
            PageConnections = counters.PageConnections,
            SameHostClients = counters.SameHostClients,
        };
    }

    private static long WorkingSet()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
