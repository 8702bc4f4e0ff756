using Orleans.Metadata;

namespace Orleans.Runtime;

/// <summary>Which grain class answers an interface: from the manifests of the silos.</summary>
internal sealed class GrainTypeResolver(ApplicationModel application)
{
    private volatile Dictionary<string, List<(GrainType Type, string ClassName)>> _byInterface = [];

    public void Update(IEnumerable<GrainManifest> manifests) => _byInterface = Index(manifests);

    public GrainType Resolve(Type interfaceType, string? classNamePrefix)
    {
        var name = application.Interface(interfaceType).WireName;
        var candidates = _byInterface.GetValueOrDefault(name) ?? [];
        if (classNamePrefix is not null)
            candidates = [.. candidates.Where(candidate => candidate.ClassName.StartsWith(classNamePrefix, StringComparison.Ordinal))];
        if (candidates.Count > 1 && candidates.Where(candidate => candidate.ClassName == interfaceType.Name[1..]).ToList() is { Count: 1 } byConvention)
            candidates = byConvention;
        return candidates.Count switch
        {
            1 => candidates[0].Type,
            0 => throw new ArgumentException($"Could not find an implementation for interface {interfaceType.FullName}"),
            _ => throw new ArgumentException($"Unable to identify a single appropriate grain type for interface {interfaceType.FullName}. Candidates: {string.Join(", ", candidates.Select(candidate => candidate.Type))}"),
        };
    }

    private static Dictionary<string, List<(GrainType Type, string ClassName)>> Index(IEnumerable<GrainManifest> manifests)
    {
        var index = new Dictionary<string, List<(GrainType, string)>>(StringComparer.Ordinal);
        foreach (var (type, properties) in manifests.SelectMany(manifest => manifest.Grains).DistinctBy(grain => grain.Key))
        {
            var className = properties.Properties.GetValueOrDefault("type-name", "");
            foreach (var (key, interfaceName) in properties.Properties)
            {
                if (!key.StartsWith("interface.", StringComparison.Ordinal))
                    continue;
                if (!index.TryGetValue(interfaceName, out var list))
                    index[interfaceName] = list = [];
                list.Add((type, className));
            }
        }

        return index;
    }
}
