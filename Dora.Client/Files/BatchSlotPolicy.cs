using Microsoft.Extensions.ObjectPool;

namespace Dora.Client.Files;

/// <summary>Makes the objects of files on their way. One pool serves all batches of a client: a batch finds what the one before it left.</summary>
/// <param name="files">Reads one file.</param>
internal sealed class BatchSlotPolicy(SmallFileReads files) : PooledObjectPolicy<BatchSlot>
{
    /// <summary>Objects kept for the next batch; more are left to the collector.</summary>
    public const int MaxKept = 1024;

    /// <inheritdoc/>
    public override BatchSlot Create() => new(files);

    /// <inheritdoc/>
    public override bool Return(BatchSlot slot) => true;
}
