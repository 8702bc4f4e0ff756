using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;

namespace Orleans.Serialization;

/// <summary>Writes one object graph. Objects met twice are written once; type names are written once per message.</summary>
internal sealed class GraphWriter(SerializationContext context, IBufferWriter<byte> output)
{
    // Made when first needed: most arguments are single scalars.
    private Dictionary<object, int>? _objects;
    private Dictionary<Type, int>? _types;

    public SerializationContext Context => context;

    public void Write<T>(T value)
    {
        if (typeof(T).IsValueType)
        {
            (Codecs.Find<T>() ?? throw Codecs.Missing(typeof(T))).Write(this, value);
            return;
        }

        if (typeof(T).IsInterface && value is IGrainBase) value = (T)context.AsReference(value, typeof(T))!;
        if (value is null)
        {
            WriteTag(WireTag.Null);
            return;
        }

        Type actual = value.GetType();
        if (actual == typeof(T) && Codecs.Find<T>() is { } codec)
            codec.Write(this, value);
        else
            Codecs.For(actual).WriteObject(this, value);
    }

    /// <summary>Writes a back reference and returns true if <paramref name="value"/> is already in the message.</summary>
    public bool TryWriteReference(object value)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new SerializerException($"The object graph is nested too deeply at {value.GetType()}.");
        _objects ??= new(ReferenceEqualityComparer.Instance);
        if (_objects.TryAdd(value, _objects.Count)) return false;
        WriteTag(WireTag.Reference);
        WriteVarUInt((uint)_objects[value]);
        return true;
    }

    public void WriteTag(WireTag tag) => WriteByte((byte)tag);

    public void WriteType(Type type)
    {
        _types ??= [];
        if (_types.TryGetValue(type, out int index))
        {
            WriteVarUInt((uint)index);
            return;
        }

        WriteVarUInt((uint)_types.Count);
        _types.Add(type, _types.Count);
        WriteString(TypeNames.NameOf(type));
    }

    public void WriteByte(byte value)
    {
        output.GetSpan(1)[0] = value;
        output.Advance(1);
    }

    public void WriteVarUInt(ulong value)
    {
        Span<byte> span = output.GetSpan(10);
        int n = 0;
        for (; value >= 0x80; value >>= 7) span[n++] = (byte)(value | 0x80);
        span[n++] = (byte)value;
        output.Advance(n);
    }

    public void WriteVarInt(long value) => WriteVarUInt((ulong)((value << 1) ^ (value >> 63)));

    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        WriteVarUInt((uint)bytes.Length);
        output.Write(bytes);
    }

    public void WriteString(string text)
    {
        int length = Encoding.UTF8.GetByteCount(text);
        WriteVarUInt((uint)length);
        if (length == 0) return;
        Encoding.UTF8.GetBytes(text, output.GetSpan(length));
        output.Advance(length);
    }
}
