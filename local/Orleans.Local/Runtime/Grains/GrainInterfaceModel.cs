using System.Collections.Frozen;
using System.Reflection;

namespace Orleans.Runtime;

/// <summary>A grain interface with all methods that can be called through it, its bases' included.</summary>
internal sealed class GrainInterfaceModel
{
    private readonly FrozenDictionary<MethodInfo, GrainMethodModel> _byMethod;
    private readonly FrozenDictionary<string, GrainMethodModel> _byName;

    public GrainInterfaceModel(Type type)
    {
        Type = type;
        InterfaceType = GrainInterfaceType.Create(WireNames.Of(type));
        WireName = InterfaceType.ToString();
        Methods = [.. new[] { type }.Concat(type.GetInterfaces()).SelectMany(each => each.GetMethods()).Where(method => method.IsAbstract).Select(method => new GrainMethodModel(method))];
        _byMethod = Methods.ToFrozenDictionary(method => method.Method);
        _byName = Methods.GroupBy(method => method.WireName).ToFrozenDictionary(group => group.Key, group => group.First());
    }

    public Type Type { get; }

    public GrainInterfaceType InterfaceType { get; }

    public string WireName { get; }

    public IReadOnlyList<GrainMethodModel> Methods { get; }

    public GrainMethodModel Method(MethodInfo method) =>
        _byMethod.TryGetValue(method, out var model) ? model : throw new NotSupportedException($"{Type.FullName}.{method.Name} is not a grain method.");

    public GrainMethodModel? Method(string wireName) => _byName.GetValueOrDefault(wireName);
}

/// <summary>The names of types and methods on the wire: the alias, else the name.</summary>
internal static class WireNames
{
    public static string Of(Type type) => type.GetCustomAttributes<AliasAttribute>(false).FirstOrDefault()?.Alias ?? type.FullName ?? type.Name;

    public static string Of(MethodInfo method) => method.GetCustomAttributes<AliasAttribute>(false).FirstOrDefault()?.Alias ?? method.Name;
}
