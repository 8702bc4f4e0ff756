using BitFaster.Caching.Lru;

namespace Dora.Client.Routing;

/// <summary>Paths with their routes, bounded; what was not asked for again goes first.</summary>
internal sealed class RouteTargets
{
    /// <summary>How many are remembered.</summary>
    public const int Max = 32_768;

    private readonly FastConcurrentLru<string, RouteTarget> _targets = new(Environment.ProcessorCount, Max, StringComparer.Ordinal);

    /// <summary>The route of a path; the same one as long as it is remembered.</summary>
    /// <exception cref="DoraException">The path is none.</exception>
    public RouteTarget For(string path) => _targets.GetOrAdd(path, static p => new RouteTarget(DoraPath.Parse(p)));
}
