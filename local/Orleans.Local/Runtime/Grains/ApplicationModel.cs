using System.Collections.Concurrent;
using System.Collections.Immutable;
using Orleans.Metadata;

namespace Orleans.Runtime;

/// <summary>The grain interfaces and classes of this process.</summary>
internal sealed class ApplicationModel
{
    private static readonly Lazy<ApplicationModel> Process = new(() => new ApplicationModel(ApplicationTypes.Find()));

    private readonly ConcurrentDictionary<Type, GrainInterfaceModel> _interfaces = new();
    private readonly Dictionary<GrainInterfaceType, GrainInterfaceModel> _interfacesByName = [];
    private readonly Dictionary<string, GrainInterfaceModel> _interfacesByWireName = [];
    private readonly Dictionary<GrainType, GrainClassModel> _classes = [];

    public ApplicationModel(IEnumerable<Type> types)
    {
        Types = [.. types];
        foreach (var type in Types.Where(type => type.IsInterface && !type.IsGenericTypeDefinition && typeof(IAddressable).IsAssignableFrom(type)))
        {
            var model = Interface(type);
            _interfacesByName.TryAdd(model.InterfaceType, model);
            _interfacesByWireName.TryAdd(model.WireName, model);
        }

        foreach (var type in Types.Where(IsGrainClass))
        {
            var model = new GrainClassModel(type, [.. type.GetInterfaces().Where(IsGrainInterface).Select(Interface)]);
            if (!_classes.TryAdd(model.GrainType, model))
                throw new OrleansConfigurationException($"Grain type \"{model.GrainType}\" is used by {_classes[model.GrainType].Type.FullName} and by {type.FullName}. Put [GrainType(\"...\")] on one of them.");
        }

        Manifest = CreateManifest();
    }

    /// <summary>The model of the assemblies that were there when the first host of the process started.</summary>
    public static ApplicationModel OfProcess => Process.Value;

    public IReadOnlyList<Type> Types { get; }

    public GrainManifest Manifest { get; }

    public IReadOnlyCollection<GrainClassModel> Classes => _classes.Values;

    public IReadOnlyCollection<GrainInterfaceModel> Interfaces => _interfacesByName.Values;

    public GrainInterfaceModel Interface(Type type) => _interfaces.GetOrAdd(type, static type => new GrainInterfaceModel(type));

    public GrainInterfaceModel? Interface(GrainInterfaceType name) => _interfacesByName.GetValueOrDefault(name);

    public GrainInterfaceModel? Interface(string wireName) => _interfacesByWireName.GetValueOrDefault(wireName);

    public GrainClassModel? Class(GrainType type) => _classes.GetValueOrDefault(type);

    private static bool IsGrainInterface(Type type) => typeof(IAddressable).IsAssignableFrom(type) && type != typeof(IAddressable) && type != typeof(IGrain)
        && type != typeof(IGrainWithStringKey) && type != typeof(IGrainWithIntegerKey) && type != typeof(IGrainWithGuidKey);

    private static bool IsGrainClass(Type type) =>
        type is { IsClass: true, IsAbstract: false, IsGenericTypeDefinition: false } && typeof(IGrainBase).IsAssignableFrom(type);

    private GrainManifest CreateManifest() => new(
        _classes.Values.ToImmutableDictionary(model => model.GrainType, model => new GrainProperties(
            model.Interfaces.Select((each, index) => KeyValuePair.Create($"interface.{index}", each.WireName))
                .Append(KeyValuePair.Create("type-name", model.Type.Name))
                .ToImmutableDictionary(StringComparer.Ordinal))),
        _interfacesByName.Values.ToImmutableDictionary(model => model.InterfaceType, model => new GrainInterfaceProperties(
            ImmutableDictionary<string, string>.Empty.Add("type-name", model.Type.Name))));
}
