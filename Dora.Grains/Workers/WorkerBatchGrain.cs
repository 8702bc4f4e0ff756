using Dora.Grains.Placement;
using Dora.Interfaces;
using Orleans.Concurrency;

namespace Dora.Grains.Workers;

/// <summary>Bulk work on this worker. Reentrant: batches of several jobs run beside each other; each file has its own turn.</summary>
[DoraWorkerPlacement]
[Reentrant]
[GrainType("dora.worker-batch")]
internal sealed class WorkerBatchGrain(BatchLoader loader, HeldFiles held, ILocalSiloDetails local) : Grain, IWorkerBatchGrain
{
    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        WorkerKey.ThrowUnlessHere(this.GetPrimaryKeyString(), local);
        return Task.CompletedTask;
    }

    // Disk and network work: off the grain's turn.
    public Task<LoadBatchReply> LoadAsync(LoadBatch batch, CancellationToken cancellationToken) =>
        batch.Files.Length is > 0 and <= LoadBatch.MaxFiles && batch.Parallelism > 0
            ? Task.Run(() => loader.LoadAsync(batch, cancellationToken), cancellationToken)
            : Task.FromResult(new LoadBatchReply(
                DoraErrorCode.InvalidArgument,
                $"a batch of {batch.Files.Length} files, {batch.Parallelism} at a time, was asked for: ask for 1 to {LoadBatch.MaxFiles} files, 1 or more at a time",
                0,
                0,
                0,
                [],
                []));

    // Looks into the index, which may have to be loaded: off the grain's turn.
    public Task<HeldReply> HeldAsync(FileStat[] files, CancellationToken cancellationToken) =>
        files.Length <= LoadBatch.MaxFiles
            ? Task.Run(() => held.Look(files), cancellationToken)
            : Task.FromResult(new HeldReply(DoraErrorCode.InvalidArgument, $"{files.Length} files were asked for: ask for {LoadBatch.MaxFiles} at most", [], null));

    // As above, and walks the metadata.
    public Task<HeldSum> HeldBelowAsync(string path, CancellationToken cancellationToken) =>
        Task.Run(() => DoraPath.TryParse(path, out DoraPath parsed, out string? error) ? held.Sum(parsed, cancellationToken) : new HeldSum(DoraErrorCode.InvalidPath, error, 0, 0, 0, 0), cancellationToken);
}
