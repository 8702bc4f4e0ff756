using System.Collections.Concurrent;
using Dora.Storage.Ufs;

namespace Dora.Silo.Hosting;

/// <summary>Connectors that count the bytes read from their stores.</summary>
internal sealed class MeteredUfsProvider(IUfsProvider inner) : IUfsProvider
{
    private const int MaxKept = 4096;

    private readonly ConcurrentDictionary<IUfs, IUfs> _metered = new(ReferenceEqualityComparer.Instance);
    private long _bytes;

    /// <summary>Bytes read since start.</summary>
    public long Bytes => Interlocked.Read(ref _bytes);

    public IReadOnlyCollection<string> Schemes => inner.Schemes;

    public IUfs Open(UfsUri root)
    {
        IUfs store = inner.Open(root);
        if (_metered.TryGetValue(store, out IUfs? known))
        {
            return known;
        }

        if (_metered.Count >= MaxKept)
        {
            _metered.Clear();
        }

        return _metered.GetOrAdd(store, s => new MeteredUfs(s, this));
    }

    private sealed class MeteredUfs(IUfs store, MeteredUfsProvider owner) : IUfs
    {
        public UfsCapabilities Capabilities => store.Capabilities;

        public ValueTask<UfsStatResult> StatAsync(string path, CancellationToken cancellationToken) => store.StatAsync(path, cancellationToken);

        public ValueTask<UfsStatResult> StatIfChangedAsync(string path, FileVersion known, CancellationToken cancellationToken) =>
            store.StatIfChangedAsync(path, known, cancellationToken);

        public async ValueTask<UfsReadResult> ReadAsync(string path, FileVersion version, long offset, Memory<byte> destination, CancellationToken cancellationToken)
        {
            UfsReadResult result = await store.ReadAsync(path, version, offset, destination, cancellationToken).ConfigureAwait(false);
            Interlocked.Add(ref owner._bytes, result.Bytes);
            return result;
        }

        public ValueTask<UfsListResult> ListAsync(string path, string? continuation, int limit, CancellationToken cancellationToken) =>
            store.ListAsync(path, continuation, limit, cancellationToken);
    }
}
