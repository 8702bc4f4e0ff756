using System.Collections.Concurrent;

namespace Orleans.Runtime;

/// <summary>The activations of the local silo.</summary>
internal sealed class ActivationCatalog
{
    private readonly ConcurrentDictionary<GrainId, IGrainContext> _activations = new();

    public IGrainContext? Find(GrainId grain) => _activations.GetValueOrDefault(grain);
}
