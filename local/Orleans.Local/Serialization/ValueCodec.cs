using System.Buffers;
using Microsoft.Extensions.Options;
using Orleans.Runtime;

namespace Orleans.Serialization;

/// <summary>The door of this folder: bytes of a graph, a graph of bytes, a deep copy, a check.</summary>
internal sealed class ValueCodec(Lazy<IGrainReferenceRuntime> references, IOptions<ExceptionSerializationOptions> exceptions) : IValueCodec
{
    private readonly SerializationContext _context = new(references, exceptions.Value);

    /// <exception cref="CodecNotFoundException">The graph holds a value that must not cross.</exception>
    public void Write(IBufferWriter<byte> destination, object? value, Type declaredType) =>
        new GraphWriter(_context, destination).Write(_context.AsReference(value, declaredType));

    /// <exception cref="SerializerException">The bytes are malformed or hold a type that this process does not know; nothing else is thrown.</exception>
    public object? Read(ref ReadOnlyMemory<byte> source, Type declaredType)
    {
        var reader = new GraphReader(_context, source);
        try
        {
            object? value = reader.Read<object?>();
            source = source[reader.Position..];
            return value is null ? declaredType.IsValueType && Nullable.GetUnderlyingType(declaredType) is null ? throw GraphReader.Malformed($"has null for {declaredType}") : null
                : declaredType.IsInstanceOfType(value) ? value
                : throw GraphReader.Malformed($"has a {value.GetType()} where {declaredType} is expected");
        }
        catch (Exception e) when (e is not (SerializerException or OutOfMemoryException))
        {
            throw new SerializerException($"The message is malformed near byte {reader.Position}: {e.Message}", e);
        }
    }

    public object? Copy(object? value, Type declaredType)
    {
        object? original = _context.AsReference(value, declaredType);
        return original is null ? null : new CopyContext(_context).Copy(original);
    }

    public bool IsImmutable(Type type) => (type.IsSealed || type.IsValueType) && Codecs.TryFor(type) is { IsImmutable: true };

    public void Check(Type type, string where, ICollection<string> problems)
    {
        foreach (string problem in SignatureValidator.Problems(type, where)) problems.Add(problem);
    }
}
