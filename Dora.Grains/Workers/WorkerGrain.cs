using Dora.Grains.Cluster;
using Dora.Grains.Placement;
using Dora.Interfaces;
using Orleans.Concurrency;

namespace Dora.Grains.Workers;

/// <summary>A worker's own affairs, on that worker. Reentrant: a long clean-up must not hold up a status question.</summary>
[DoraWorkerPlacement]
[Reentrant]
[GrainType("dora.worker")]
internal sealed class WorkerGrain(
    WorkerReport report, MountTableFeed mounts, CacheCleaner cleaner, PageTaker taker, IClusterState cluster, ILocalSiloDetails local, TimeProvider time)
    : Grain, IWorkerGrain
{
    private static readonly TimeSpan RefreshRetry = TimeSpan.FromSeconds(0.1);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        WorkerKey.ThrowUnlessHere(this.GetPrimaryKeyString(), local);
        return Task.CompletedTask;
    }

    public Task<WorkerStatus> GetStatusAsync() => Task.FromResult(report.Create(this.GetPrimaryKeyString()));

    public async Task RefreshMountsAsync(long version, CancellationToken cancellationToken)
    {
        while (!await mounts.RefreshAsync(version, cancellationToken))
        {
            await Task.Delay(RefreshRetry, time, cancellationToken);
        }
    }

    public async Task<FreeReply> FreeAsync(string path, bool forgetMetadata, CancellationToken cancellationToken)
    {
        if (!DoraPath.TryParse(path, out DoraPath parsed, out string? error))
        {
            return new FreeReply(DoraErrorCode.InvalidPath, error, 0, 0);
        }

        MountTable table = cluster.Current.Mounts;
        if (table.Resolve(parsed) is null && !table.IsAboveMounts(parsed))
        {
            return new FreeReply(DoraErrorCode.NotMounted, FileMessages.NotMounted(parsed), 0, 0);
        }

        // Walking the metadata is disk work: off the grain's turn.
        return await Task.Run(() => cleaner.FreeAsync(parsed, table, forgetMetadata, cancellationToken), cancellationToken);
    }

    // Copying pages is disk and network work: off the grain's turn.
    public Task<long> TakeOverAsync(PageOffer[] offers, CancellationToken cancellationToken) =>
        Task.Run(() => taker.TakeAsync(offers, cancellationToken), cancellationToken);

    // As above.
    public Task<long> TakeOverMetadataAsync(string workerId, CancellationToken cancellationToken) =>
        Task.Run(() => taker.TakeMetadataAsync(new WorkerId(workerId), cancellationToken), cancellationToken);

    // Writing to the metadata store may wait for its disk: off the grain's turn.
    public Task RememberAsync(FileStat[] listed, CancellationToken cancellationToken) =>
        Task.Run(() => taker.RememberAsync(listed, cancellationToken).AsTask(), cancellationToken);
}
