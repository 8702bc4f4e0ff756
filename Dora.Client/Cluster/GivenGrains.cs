namespace Dora.Client.Cluster;

/// <summary>The grains of a process that is a client or a silo of the cluster already.</summary>
/// <param name="grains">Its door to the cluster.</param>
internal sealed class GivenGrains(IGrainFactory grains) : IGrainSource
{
    /// <inheritdoc/>
    public ValueTask<IGrainFactory> GetAsync(CancellationToken cancellationToken) => new(grains);
}
