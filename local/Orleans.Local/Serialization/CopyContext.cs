using System.Runtime.CompilerServices;

namespace Orleans.Serialization;

/// <summary>One deep copy: objects met twice are copied once.</summary>
internal sealed class CopyContext(SerializationContext context)
{
    private Dictionary<object, object>? _copies;

    public SerializationContext Context => context;

    public T Copy<T>(T value)
    {
        if (typeof(T).IsValueType) return (Codecs.Find<T>() ?? throw Codecs.Missing(typeof(T))).Copy(value, this);
        if (typeof(T).IsInterface && value is IGrainBase) value = (T)context.AsReference(value, typeof(T))!;
        if (value is null) return value;
        Type actual = value.GetType();
        Codec codec = actual == typeof(T) && Codecs.Find<T>() is { } exact ? exact : Codecs.For(actual);
        if (codec.IsImmutable) return value;
        if (_copies is not null && _copies.TryGetValue(value, out object? known)) return (T)known;
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new SerializerException($"The object graph is nested too deeply at {actual}.");
        return (T)codec.CopyObject(value, this);
    }

    /// <summary>Makes a copy known before its members are copied, so that cycles end.</summary>
    public void Record(object original, object copy) => (_copies ??= new(ReferenceEqualityComparer.Instance))[original] = copy;
}
