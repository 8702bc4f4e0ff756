namespace Dora.Grains.Workers;

/// <summary>Takes over the metadata of a worker that stops.</summary>
public interface IMetadataTaker
{
    /// <summary>Takes over what a worker knows of the files that will be this worker's when that one has left.</summary>
    /// <param name="worker">The worker that stops; it still answers.</param>
    /// <param name="cancellationToken">Ends it; what was taken stays.</param>
    /// <returns>Files whose metadata came.</returns>
    ValueTask<long> TakeFromAsync(WorkerId worker, CancellationToken cancellationToken);
}
