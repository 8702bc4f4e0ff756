using Orleans.Runtime;

namespace Orleans.Serialization;

/// <summary>What reading, writing and copying needs to know about the host.</summary>
internal sealed class SerializationContext(Lazy<IGrainReferenceRuntime> references, ExceptionSerializationOptions exceptions)
{
    public IGrainReferenceRuntime References => references.Value;

    /// <summary>True if exceptions of the type cross without <c>[GenerateSerializer]</c>.</summary>
    public bool Supports(Type exceptionType) =>
        exceptions.SupportedNamespacePrefixes.Any(prefix => exceptionType.Namespace?.StartsWith(prefix, StringComparison.Ordinal) == true)
        || exceptions.SupportedExceptionTypeFilter(exceptionType);

    /// <summary>A grain passed as itself travels as its reference.</summary>
    public object? AsReference(object? value, Type declaredType) =>
        value is IGrainBase grain && declaredType.IsInterface && typeof(IAddressable).IsAssignableFrom(declaredType)
            ? References.CreateReference(grain.GrainContext.GrainId, declaredType)
            : value;
}
