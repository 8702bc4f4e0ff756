using System.Runtime.CompilerServices;
using System.Text;

namespace Orleans.Serialization;

/// <summary>Reads one object graph written by <see cref="GraphWriter"/>. Every length is checked against what is left of the message.</summary>
internal sealed class GraphReader(SerializationContext context, ReadOnlyMemory<byte> input)
{
    private static readonly object Unset = new();

    private readonly List<object> _objects = [];
    private readonly List<(string Name, Type? Type)> _types = [];
    private int _position;

    public SerializationContext Context => context;

    public int Position => _position;

    public T Read<T>()
    {
        var tag = (WireTag)ReadByte();
        if (tag == WireTag.Null) return default(T) is null ? default! : throw Malformed($"null where {typeof(T)} is expected");
        if (Codecs.Find<T>() is { } codec && codec.Tag == tag)
        {
            if (!codec.HasType) return codec.ReadBody(this);
            Type type = ReadType();
            return type == typeof(T) ? codec.ReadBody(this) : Cast<T>(Codecs.For(type).ReadObject(this));
        }

        return Cast<T>(ReadTagged(tag));
    }

    /// <summary>Reads a value and drops it; types unknown here are stepped over by structure.</summary>
    public void Skip() => ReadTagged((WireTag)ReadByte(), skip: true);

    /// <summary>Takes the next object index, before the members of the object are read.</summary>
    public int Reserve()
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack()) throw Malformed("nested too deeply");
        _objects.Add(Unset);
        return _objects.Count - 1;
    }

    public void Set(int slot, object value) => _objects[slot] = value;

    public byte ReadByte() => _position < input.Length ? input.Span[_position++] : throw Malformed("ends early");

    public ulong ReadVarUInt()
    {
        ulong value = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            byte b = ReadByte();
            value |= (ulong)(b & 0x7f) << shift;
            if (b < 0x80) return value;
        }

        throw Malformed("has a number longer than ten bytes");
    }

    public long ReadVarInt()
    {
        ulong value = ReadVarUInt();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public ReadOnlySpan<byte> ReadBytes()
    {
        int length = ReadCount();
        ReadOnlySpan<byte> bytes = input.Span.Slice(_position, length);
        _position += length;
        return bytes;
    }

    public string ReadString() => Encoding.UTF8.GetString(ReadBytes());

    /// <summary>A number of bytes or elements: cannot exceed the bytes left, since each takes at least one.</summary>
    public int ReadCount()
    {
        ulong count = ReadVarUInt();
        return count <= (ulong)(input.Length - _position) ? (int)count : throw Malformed($"claims {count} elements but only {input.Length - _position} bytes are left");
    }

    public Type ReadType()
    {
        (string name, Type? type) = ReadTypeEntry();
        return type ?? throw new CodecNotFoundException($"The message holds the type '{name}', which this process does not know: no loaded assembly has a [GenerateSerializer] type with that alias or name.");
    }

    public static SerializerException Malformed(string what) => new($"The message is malformed: it {what}.");

    private static T Cast<T>(object? value) => value is T typed ? typed
        : value is null && default(T) is null ? default!
        : throw Malformed($"has a {value?.GetType().ToString() ?? "null"} where {typeof(T)} is expected");

    private (string Name, Type? Type) ReadTypeEntry()
    {
        ulong index = ReadVarUInt();
        if (index < (ulong)_types.Count) return _types[(int)index];
        if (index > (ulong)_types.Count) throw Malformed("uses a type before naming it");
        string name = ReadString();
        _types.Add((name, TypeNames.Resolve(name)));
        return _types[^1];
    }

    private object? ReadTagged(WireTag tag, bool skip = false)
    {
        switch (tag)
        {
            case WireTag.Null:
                return null;
            case WireTag.Reference:
                ulong index = ReadVarUInt();
                object target = index < (ulong)_objects.Count ? _objects[(int)index] : Unset;
                return ReferenceEquals(target, Unset) ? throw Malformed($"refers to object {index}, which is not there") : target;
            case WireTag.Record or WireTag.StructRecord or WireTag.Sequence or WireTag.StructSequence or WireTag.Enum:
                (string name, Type? type) = ReadTypeEntry();
                if (type is not null && Codecs.TryFor(type) is { } codec && codec.Tag == tag) return codec.ReadObject(this);
                if (!skip) throw new CodecNotFoundException($"The message holds a value of type '{name}', which this process cannot read.");
                SkipUnknown(tag, name);
                return null;
            default:
                return Codecs.ForTag(tag).ReadObject(this);
        }
    }

    private void SkipUnknown(WireTag tag, string name)
    {
        // The index is taken even so, or the indexes of later objects would shift.
        if (tag is WireTag.Record or WireTag.Sequence) Set(Reserve(), new UnknownObject(name));
        switch (tag)
        {
            case WireTag.Enum:
                ReadVarUInt();
                break;
            case WireTag.Record or WireTag.StructRecord:
                for (ulong id; (id = ReadVarUInt()) != 0;)
                    if (id > 1) Skip();
                break;
            default:
                ReadVarUInt();
                for (int n = ReadCount(); n > 0; n--) Skip();
                break;
        }
    }

    private sealed record UnknownObject(string TypeName);
}
