using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Concurrency;
using Orleans.Placement;

namespace Orleans.Runtime;

/// <summary>A grain class with what the runtime needs to know of it.</summary>
internal sealed class GrainClassModel
{
    private readonly Lazy<ObjectFactory> _factory;

    public GrainClassModel(Type type, IReadOnlyList<GrainInterfaceModel> interfaces)
    {
        Type = type;
        Interfaces = interfaces;
        GrainType = type.GetCustomAttribute<GrainTypeAttribute>()?.GetGrainType(null!, type) ?? GrainType.Create(DefaultName(type));
        Placement = type.GetCustomAttribute<PlacementAttribute>()?.PlacementStrategy ?? RandomPlacement.Singleton;
        IsReentrant = type.IsDefined(typeof(ReentrantAttribute));
        MayInterleave = IsReentrant || interfaces.Any(each => each.Methods.Any(method => method.AlwaysInterleave || method.ReadOnly));
        AgeLimit = type.IsDefined(typeof(KeepAliveAttribute)) ? Timeout.InfiniteTimeSpan : type.GetCustomAttribute<CollectionAgeLimitAttribute>()?.AgeLimit;
        _factory = new Lazy<ObjectFactory>(() => ActivatorUtilities.CreateFactory(type, []));
    }

    public Type Type { get; }

    public GrainType GrainType { get; }

    public IReadOnlyList<GrainInterfaceModel> Interfaces { get; }

    public PlacementStrategy Placement { get; }

    public bool IsReentrant { get; }

    /// <summary>Some calls may run while another one waits.</summary>
    public bool MayInterleave { get; }

    /// <summary>The class's own idle limit; null: the silo's.</summary>
    public TimeSpan? AgeLimit { get; }

    public object CreateInstance(IServiceProvider services) => _factory.Value(services, null);

    private static string DefaultName(Type type)
    {
        var name = type.Name.ToLowerInvariant();
        return name.EndsWith("grain", StringComparison.Ordinal) && name.Length > "grain".Length ? name[..^"grain".Length] : name;
    }
}
