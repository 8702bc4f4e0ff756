using System.Collections.Concurrent;
using Dora.Storage.Ufs;

namespace Dora.Tests.Grains.Doubles;

/// <summary>Connectors for the scheme <c>memory</c>; the same root gives the same store.</summary>
internal sealed class MemoryUfsProvider : IUfsProvider
{
    private readonly ConcurrentDictionary<string, MemoryUfs> _stores = new(StringComparer.Ordinal);

    public IReadOnlyCollection<string> Schemes => ["memory"];

    public MemoryUfs this[string location] => _stores.GetOrAdd("memory://" + location, static r => new MemoryUfs(r));

    public IUfs Open(UfsUri root) => _stores.GetOrAdd(root.Value, static r => new MemoryUfs(r));
}
