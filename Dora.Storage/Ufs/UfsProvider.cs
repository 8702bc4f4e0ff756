using System.Collections.Concurrent;
using Dora.Storage.Ufs.Local;

namespace Dora.Storage.Ufs;

/// <summary>Opens connectors by scheme, one per root, and keeps them. At most <see cref="MaxOpen"/> are kept; past that all are forgotten and opened anew.</summary>
public sealed class UfsProvider : IUfsProvider
{
    private const int MaxOpen = 4096;

    private readonly SortedDictionary<string, Func<UfsUri, IUfs>> _factories;
    private readonly ConcurrentDictionary<UfsUri, Lazy<IUfs>> _open = new();

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
        if (_open.TryGetValue(root, out Lazy<IUfs>? known))
        {
            return known.Value;
        }

        if (!_factories.TryGetValue(root.Scheme, out Func<UfsUri, IUfs>? factory))
        {
            throw new DoraException(
                DoraErrorCode.NotSupported,
                $"no connector for '{root}': mount one of {string.Join(", ", _factories.Keys.Select(static s => s + "://"))}");
        }

        if (_open.Count >= MaxOpen)
        {
            _open.Clear();
        }

        return _open.GetOrAdd(root, new Lazy<IUfs>(() => factory(root))).Value;
    }
}
