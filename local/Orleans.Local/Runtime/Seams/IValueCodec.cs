using System.Buffers;

namespace Orleans.Runtime;

/// <summary>Writes, reads and copies values as Orleans' serializer does. Thread-safe.</summary>
internal interface IValueCodec
{
    /// <summary>Writes one value. Where the value's own type differs from the declared one, its name travels.</summary>
    void Write(IBufferWriter<byte> destination, object? value, Type declaredType);

    /// <summary>Reads one value from the front and moves <paramref name="source"/> past it.</summary>
    object? Read(ref ReadOnlyMemory<byte> source, Type declaredType);

    /// <summary>A deep copy; immutable values are returned as they are.</summary>
    object? Copy(object? value, Type declaredType);

    /// <summary>True when every value of the type is immutable, so that <see cref="Copy"/> may be skipped.</summary>
    bool IsImmutable(Type type);

    /// <summary>
    /// Adds one line per problem of the type, or of a type it is made of: no [GenerateSerializer], a member without [Id], no [Alias], an interface or object that cannot be written.
    /// <paramref name="where"/> says where the type is used.
    /// </summary>
    void Check(Type type, string where, ICollection<string> problems);
}

/// <summary>What the codec needs of the runtime to write and read grain references.</summary>
internal interface IGrainReferenceRuntime
{
    object CreateReference(GrainId grainId, Type interfaceType);

    /// <summary>A reference by the interface's wire name.</summary>
    object CreateReference(GrainId grainId, GrainInterfaceType interfaceType);

    object? Invoke(GrainReference reference, GrainMethodModel method, object?[] arguments);
}
