using BitFaster.Caching.Lru;
using Dora.Storage.Ufs.Local;

namespace Dora.Storage.Ufs;

/// <summary>Opens connectors by scheme, one per root, and keeps them. At most <see cref="MaxOpen"/> are kept; past that those go first that were not used again. A connector that went may still be in use, and owns nothing to dispose.</summary>
public sealed class UfsProvider : IUfsProvider
{
    /// <summary>How many connectors are kept.</summary>
    internal const int MaxOpen = 4096;

    private readonly SortedDictionary<string, Func<UfsUri, IUfs>> _factories;
    private readonly FastConcurrentLru<UfsUri, Lazy<IUfs>> _open = new(MaxOpen);

    /// <summary>Creates a provider.</summary>
    /// <param name="factories">For each scheme, in lower case, what opens a connector.</param>
    public UfsProvider(IEnumerable<KeyValuePair<string, Func<UfsUri, IUfs>>> factories)
    {
        _factories = new SortedDictionary<string, Func<UfsUri, IUfs>>(StringComparer.Ordinal);
        foreach ((string scheme, Func<UfsUri, IUfs> factory) in factories)
        {
            _factories.Add(scheme, factory);
        }
    }

    /// <inheritdoc/>
    public IReadOnlyCollection<string> Schemes => _factories.Keys;

    /// <summary>The connectors that come with Dora: <c>file</c>.</summary>
    public static UfsProvider CreateDefault()
    {
        var runs = new ListingRuns();
        return new UfsProvider([new("file", root => new LocalUfs(root.Location, time: null, runs))]);
    }

    /// <inheritdoc/>
    public IUfs Open(UfsUri root)
    {
        if (_open.TryGet(root, out Lazy<IUfs>? known))
        {
            return known.Value;
        }

        if (!_factories.TryGetValue(root.Scheme, out Func<UfsUri, IUfs>? factory))
        {
            throw new DoraException(
                DoraErrorCode.NotSupported,
                $"no connector for '{root}': mount one of {string.Join(", ", _factories.Keys.Select(static s => s + "://"))}");
        }

        return _open.GetOrAdd(root, static (r, open) => new Lazy<IUfs>(() => open(r)), factory).Value;
    }
}
