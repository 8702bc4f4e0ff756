using System.Diagnostics.Metrics;
using Dora.Diagnostics;
using Dora.Grains.Workers;
using Dora.Storage.Metadata;
using Dora.Storage.Pages;

namespace Dora.Silo.Hosting;

/// <summary>
/// What the worker keeps count of anyway, as instruments: read when somebody collects, at the price of a look at the stores' statistics. The units and names are
/// those of docs/observability.md, which a test compares with these.
/// </summary>
internal sealed class WorkerMetrics(DoraMeter meter, IPageStore pages, IMetadataStore metadata, IWorkerCounters counters, IClusterState cluster)
    : ILifecycleParticipant<ISiloLifecycle>
{
    public void Participate(ISiloLifecycle lifecycle) =>
        lifecycle.Subscribe(nameof(WorkerMetrics), ServiceLifecycleStage.Active, _ => StartAsync(), static _ => Task.CompletedTask);

    private Task StartAsync()
    {
        ObservePages();
        ObserveMetadata();
        meter.ObserveTotal("dora.store.io", "By", "Bytes read from under stores", () => [new(counters.StoreBytes)]);
        meter.ObserveTotal("dora.store.bytes_saved", "By", "Bytes given from the cache, which under stores were not asked for", () => [new(pages.Statistics.ServedBytes)]);
        meter.ObserveTotal("dora.peer.io", "By", "Bytes that other workers' caches gave instead of the under store", () => [new(counters.PeerBytes)]);
        meter.ObserveLevel("dora.channel.connections", "{connection}", "Open page-channel connections", () => [new(counters.PageConnections)]);
        meter.ObserveLevel("dora.ring.version", "{version}", "Membership version that this worker's ring was built from", () => [new(cluster.Current.MembershipVersion)]);
        meter.ObserveLevel("dora.ring.workers", "{worker}", "Workers in the ring", () => [new(cluster.Current.Workers.Length)]);
        return Task.CompletedTask;
    }

    private void ObservePages()
    {
        meter.ObserveLevel("dora.cache.usage", "By", "Bytes in use", () => [Pages(pages.Statistics.Bytes), Metadata(metadata.Statistics.MemoryBytes)]);
        meter.ObserveLevel("dora.cache.limit", "By", "The most bytes that may be in use", () => [Pages(pages.Statistics.CapacityBytes)]);
        meter.ObserveLevel("dora.cache.pinned", "By", "Bytes that eviction passes over", () => [Pages(pages.Statistics.PinnedBytes)]);
        meter.ObserveLevel("dora.cache.entries", "{entry}", "Pages with at least one byte stored; files with metadata", () => [Pages(pages.Statistics.Pages), Metadata(metadata.Statistics.Entries)]);
        meter.ObserveLevel("dora.cache.index.usage", "By", "Memory of the page index", () => [Pages(pages.Statistics.IndexBytes)]);
        meter.ObserveTotal("dora.cache.evictions", "{entry}", "Pages evicted for room", () => [Pages(pages.Statistics.Evicted)]);
        meter.ObserveTotal("dora.cache.expirations", "{record}", "Records dropped because their mount's time to live was over", () => [Pages(pages.Statistics.Expired)]);
        meter.ObserveTotal("dora.cache.damaged", "{record}", "Records dropped because a checksum or header was wrong", () => [Pages(pages.Statistics.Damaged)]);
        meter.ObserveTotal("dora.cache.scrubbed", "By", "Bytes that the scrubber has read", () => [Pages(pages.Statistics.ScrubbedBytes)]);
        meter.ObserveTotal("dora.cache.moved", "By", "Bytes moved to tidy up segments", () => [Pages(pages.Statistics.MovedBytes)]);
        meter.ObserveTotal("dora.cache.checkpoints", "{checkpoint}", "Checkpoints of the page index", () => [Pages(pages.Statistics.Checkpoints)]);
        meter.ObserveTotal(
            "dora.cache.write_failures", "{write}", "Writes that the disk refused", () => [Pages(pages.Statistics.WriteFailures), Metadata(metadata.Statistics.WriteFailures)]);
        meter.ObserveTotal(
            "dora.cache.lookups",
            "{lookup}",
            "Reads of pages and look-ups of metadata, by where the answer was",
            () => [Pages(pages.Statistics.Hits, DoraLabels.Disk), Pages(pages.Statistics.Misses, DoraLabels.Missed), .. MetadataLookups()]);
    }

    private void ObserveMetadata() =>
        meter.ObserveLevel("dora.metadata.memory.entries", "{entry}", "Files whose metadata is in memory", () => [new(metadata.Statistics.MemoryEntries)]);

    private IEnumerable<Measurement<long>> MetadataLookups()
    {
        MetadataStoreStatistics now = metadata.Statistics;
        return [Metadata(now.MemoryHits, DoraLabels.Memory), Metadata(now.DiskHits, DoraLabels.Disk), Metadata(now.Misses, DoraLabels.Missed)];
    }

    private static Measurement<long> Pages(long value) => new(value, new KeyValuePair<string, object?>(DoraLabels.Cache, DoraLabels.Pages));

    private static Measurement<long> Pages(long value, string source) =>
        new(value, new(DoraLabels.Cache, DoraLabels.Pages), new KeyValuePair<string, object?>(DoraLabels.Source, source));

    private static Measurement<long> Metadata(long value) => new(value, new KeyValuePair<string, object?>(DoraLabels.Cache, DoraLabels.Metadata));

    private static Measurement<long> Metadata(long value, string source) =>
        new(value, new(DoraLabels.Cache, DoraLabels.Metadata), new KeyValuePair<string, object?>(DoraLabels.Source, source));
}
