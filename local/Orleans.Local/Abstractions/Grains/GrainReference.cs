using System.Reflection;

namespace Orleans.Runtime;

/// <summary>A reference to a grain. One proxy type per grain interface is derived from it at run time.</summary>
public class GrainReference : DispatchProxy, IAddressable, IEquatable<GrainReference>
{
    private IGrainReferenceRuntime? _runtime;
    private GrainInterfaceModel? _interface;

    public GrainId GrainId { get; private set; }

    public GrainInterfaceType InterfaceType => Interface.InterfaceType;

    public string InterfaceName => Interface.Type.Name;

    internal IGrainReferenceRuntime Runtime => _runtime ?? throw new InvalidOperationException("The grain reference is not bound to a runtime.");

    internal GrainInterfaceModel Interface => _interface ?? throw new InvalidOperationException("The grain reference is not bound to a runtime.");

    public static bool operator ==(GrainReference? reference1, GrainReference? reference2) => Equals(reference1, reference2);

    public static bool operator !=(GrainReference? reference1, GrainReference? reference2) => !Equals(reference1, reference2);

    public bool Equals(GrainReference? other) => other is not null && GrainId.Equals(other.GrainId);

    public override bool Equals(object? obj) => Equals(obj as GrainReference);

    public override int GetHashCode() => GrainId.GetHashCode();

    public uint GetUniformHashCode() => GrainId.GetUniformHashCode();

    public sealed override string ToString() => $"GrainReference:{GrainId}:{InterfaceType}";

    internal void Bind(IGrainReferenceRuntime runtime, GrainInterfaceModel model, GrainId grainId)
    {
        _runtime = runtime;
        _interface = model;
        GrainId = grainId;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
        Runtime.Invoke(this, Interface.Method(targetMethod!), args ?? []);
}
