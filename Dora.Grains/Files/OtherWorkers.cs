using Dora.Grains.Cluster;
using Dora.Interfaces;

namespace Dora.Grains.Files;

/// <summary>Tells the other workers of a change that a file grain has made on its own.</summary>
internal sealed class OtherWorkers(IGrainFactory grains, ClusterState state, ILocalSiloDetails local)
{
    /// <summary>Drops what they have cached of a file.</summary>
    /// <returns>What they dropped together, and the first failure.</returns>
    public async Task<FreeReply> FreeAsync(DoraPath path, bool forgetMetadata, CancellationToken cancellationToken)
    {
        FreeReply[] replies = await Task.WhenAll(
            state.Map.Silos.Where(s => !s.Value.Equals(local.SiloAddress)).Select(s => FreeAsync(s.Key, path, forgetMetadata, cancellationToken)));
        FreeReply first = replies.FirstOrDefault(static r => r.Code != DoraErrorCode.None) ?? new FreeReply(DoraErrorCode.None, null, 0, 0);
        return first with
        {
            Files = replies.Sum(static r => r.Files),
            Bytes = replies.Sum(static r => r.Bytes),
            Copies = replies.Sum(static r => r.Copies),
            CopyBytes = replies.Sum(static r => r.CopyBytes),
        };
    }

    private async Task<FreeReply> FreeAsync(WorkerId worker, DoraPath path, bool forgetMetadata, CancellationToken cancellationToken)
    {
        try
        {
            return await grains.GetGrain<IWorkerGrain>(worker.Value).FreeAsync(path.Value, forgetMetadata, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return new FreeReply(DoraErrorCode.Unavailable, $"worker '{worker}' did not drop '{path}': {e.Message}", 0, 0);
        }
    }
}
