using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Orleans.Runtime;

/// <summary>Writes the runtime's own messages: little-endian numbers, length-prefixed bytes.</summary>
internal sealed class WireWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new(256);

    public ArrayBufferWriter<byte> Buffer => _buffer;

    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();

    public WireWriter Byte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
        return this;
    }

    public WireWriter Int(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.GetSpan(sizeof(int)), value);
        _buffer.Advance(sizeof(int));
        return this;
    }

    public WireWriter Long(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(_buffer.GetSpan(sizeof(long)), value);
        _buffer.Advance(sizeof(long));
        return this;
    }

    public WireWriter Guid(Guid value)
    {
        value.TryWriteBytes(_buffer.GetSpan(16));
        _buffer.Advance(16);
        return this;
    }

    public WireWriter Bytes(ReadOnlySpan<byte> value)
    {
        Int(value.Length);
        _buffer.Write(value);
        return this;
    }

    public WireWriter String(string value)
    {
        var length = Encoding.UTF8.GetByteCount(value);
        Int(length);
        Encoding.UTF8.GetBytes(value, _buffer.GetSpan(length));
        _buffer.Advance(length);
        return this;
    }

    public WireWriter Silo(SiloAddress? silo) => String(silo?.ToParsableString() ?? "");

    public WireWriter Grain(GrainId grain) => Bytes(grain.Type.AsSpan()).Bytes(grain.Key.AsSpan());

    public WireWriter Address(GrainAddress? address)
    {
        Byte(address is null ? (byte)0 : (byte)1);
        return address is null ? this : Grain(address.GrainId).Guid(address.ActivationId.Key).Silo(address.SiloAddress);
    }
}

/// <summary>Reads what <see cref="WireWriter"/> wrote. A length beyond the end throws.</summary>
internal ref struct WireReader(ReadOnlyMemory<byte> source)
{
    private ReadOnlyMemory<byte> _rest = source;

    public readonly ReadOnlyMemory<byte> Rest => _rest;

    public byte Byte() => Take(1).Span[0];

    public int Int() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)).Span);

    public long Long() => BinaryPrimitives.ReadInt64LittleEndian(Take(sizeof(long)).Span);

    public Guid Guid() => new(Take(16).Span);

    public ReadOnlyMemory<byte> Bytes() => Take(Int());

    public string String() => Encoding.UTF8.GetString(Bytes().Span);

    public SiloAddress? Silo() => String() is { Length: > 0 } text ? SiloAddress.FromParsableString(text) : null;

    public GrainId Grain()
    {
        var type = Bytes();
        var key = Bytes();
        return type.IsEmpty && key.IsEmpty ? default : new GrainId(new GrainType(type.ToArray()), new IdSpan(key.ToArray()));
    }

    public GrainAddress? Address() => Byte() == 0 ? null : new GrainAddress { GrainId = Grain(), ActivationId = new ActivationId(Guid()), SiloAddress = Silo() };

    public object? Value(IValueCodec codec, Type type) => codec.Read(ref _rest, type);

    private ReadOnlyMemory<byte> Take(int length)
    {
        if ((uint)length > (uint)_rest.Length)
            throw new Serialization.SerializerException($"A message ends after {_rest.Length} bytes where {length} were announced.");
        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}
