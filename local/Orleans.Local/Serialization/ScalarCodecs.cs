using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;

namespace Orleans.Serialization;

/// <summary>A value with its own tag, written by two delegates; copied by reference unless told how.</summary>
internal sealed class ScalarCodec<T>(WireTag tag, Action<GraphWriter, T> write, Func<GraphReader, T> read, Func<T, T>? copy = null) : Codec<T>(tag)
{
    public override bool IsImmutable => copy is null;

    public override void WriteBody(GraphWriter writer, T value) => write(writer, value);

    public override T ReadBody(GraphReader reader) => read(reader);

    public override T Copy(T value, CopyContext context)
    {
        if (copy is null) return value;
        T made = copy(value);
        if (!typeof(T).IsValueType) context.Record(value!, made!);
        return made;
    }
}

internal sealed class EnumCodec<T>() : Codec<T>(WireTag.Enum) where T : struct, Enum
{
    public override bool IsImmutable => true;

    public override void WriteBody(GraphWriter writer, T value) =>
        writer.WriteVarInt(Enum.GetUnderlyingType(typeof(T)) == typeof(ulong) ? unchecked((long)Convert.ToUInt64(value, CultureInfo.InvariantCulture)) : Convert.ToInt64(value, CultureInfo.InvariantCulture));

    public override T ReadBody(GraphReader reader)
    {
        long number = reader.ReadVarInt();
        return (T)(Enum.GetUnderlyingType(typeof(T)) == typeof(ulong) ? Enum.ToObject(typeof(T), unchecked((ulong)number)) : Enum.ToObject(typeof(T), number));
    }
}

/// <summary>A nullable value is written as the value or null; its codec only exists for declared types and copies.</summary>
internal sealed class NullableCodec<T>() : Codec<T?>(WireTag.Null) where T : struct
{
    public override bool IsImmutable => (Codecs.Find<T>() ?? throw Codecs.Missing(typeof(T))).IsImmutable;

    public override void WriteBody(GraphWriter writer, T? value) => throw new InvalidOperationException("Written as the value or null.");

    public override T? ReadBody(GraphReader reader) => null;

    public override T? Copy(T? value, CopyContext context) => value is { } present ? context.Copy(present) : null;

    protected override void WriteTagged(GraphWriter writer, T? value)
    {
        if (value is { } present) writer.Write(present);
        else writer.WriteTag(WireTag.Null);
    }
}

internal static class ScalarCodecs
{
    public static readonly Codec[] All =
    [
        new ScalarCodec<bool>(WireTag.Boolean, (w, v) => w.WriteVarUInt(v ? 1u : 0u), r => r.ReadVarUInt() != 0),
        new ScalarCodec<sbyte>(WireTag.SByte, (w, v) => w.WriteVarInt(v), r => checked((sbyte)r.ReadVarInt())),
        new ScalarCodec<byte>(WireTag.Byte, (w, v) => w.WriteVarUInt(v), r => checked((byte)r.ReadVarUInt())),
        new ScalarCodec<short>(WireTag.Int16, (w, v) => w.WriteVarInt(v), r => checked((short)r.ReadVarInt())),
        new ScalarCodec<ushort>(WireTag.UInt16, (w, v) => w.WriteVarUInt(v), r => checked((ushort)r.ReadVarUInt())),
        new ScalarCodec<int>(WireTag.Int32, (w, v) => w.WriteVarInt(v), r => checked((int)r.ReadVarInt())),
        new ScalarCodec<uint>(WireTag.UInt32, (w, v) => w.WriteVarUInt(v), r => checked((uint)r.ReadVarUInt())),
        new ScalarCodec<long>(WireTag.Int64, (w, v) => w.WriteVarInt(v), r => r.ReadVarInt()),
        new ScalarCodec<ulong>(WireTag.UInt64, (w, v) => w.WriteVarUInt(v), r => r.ReadVarUInt()),
        new ScalarCodec<char>(WireTag.Char, (w, v) => w.WriteVarUInt(v), r => checked((char)r.ReadVarUInt())),
        new ScalarCodec<TimeSpan>(WireTag.TimeSpan, (w, v) => w.WriteVarInt(v.Ticks), r => new TimeSpan(r.ReadVarInt())),
        new ScalarCodec<DateTime>(WireTag.DateTime, (w, v) => w.WriteVarInt(v.ToBinary()), r => DateTime.FromBinary(r.ReadVarInt())),
        new ScalarCodec<DateOnly>(WireTag.DateOnly, (w, v) => w.WriteVarInt(v.DayNumber), r => DateOnly.FromDayNumber(checked((int)r.ReadVarInt()))),
        new ScalarCodec<TimeOnly>(WireTag.TimeOnly, (w, v) => w.WriteVarInt(v.Ticks), r => new TimeOnly(r.ReadVarInt())),
        Fixed<float>(WireTag.Single),
        Fixed<double>(WireTag.Double),
        Fixed<decimal>(WireTag.Decimal),
        Fixed<Guid>(WireTag.Guid),
        new ScalarCodec<string>(WireTag.String, (w, v) => w.WriteString(v), r => r.ReadString()),
        new ScalarCodec<byte[]>(WireTag.Bytes, (w, v) => w.WriteBytes(v), r => r.ReadBytes().ToArray(), v => [.. v]),
        new ScalarCodec<ReadOnlyMemory<byte>>(WireTag.Memory, (w, v) => w.WriteBytes(v.Span), r => r.ReadBytes().ToArray(), v => v.ToArray()),
        new ScalarCodec<DateTimeOffset>(WireTag.DateTimeOffset, WriteDateTimeOffset, ReadDateTimeOffset),
        new ScalarCodec<IPAddress>(WireTag.IPAddress, (w, v) => w.WriteBytes(v.GetAddressBytes()), r => new IPAddress(r.ReadBytes())),
        new ScalarCodec<IPEndPoint>(WireTag.IPEndPoint, (w, v) => w.WriteString(v.ToString()), r => IPEndPoint.Parse(r.ReadString())),
        new ScalarCodec<Uri>(WireTag.Uri, (w, v) => w.WriteString(v.OriginalString), r => new Uri(r.ReadString(), UriKind.RelativeOrAbsolute)),
    ];

    // All machines that .NET runs on here are little-endian; the bytes are the value's memory.
    private static ScalarCodec<T> Fixed<T>(WireTag tag) where T : unmanaged => new(
        tag,
        (w, v) => w.WriteBytes(MemoryMarshal.AsBytes(new ReadOnlySpan<T>(in v))),
        r => MemoryMarshal.Read<T>(r.ReadBytes()));

    private static void WriteDateTimeOffset(GraphWriter writer, DateTimeOffset value)
    {
        Span<byte> bytes = stackalloc byte[10];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value.Ticks);
        BinaryPrimitives.WriteInt16LittleEndian(bytes[8..], (short)value.TotalOffsetMinutes);
        writer.WriteBytes(bytes);
    }

    private static DateTimeOffset ReadDateTimeOffset(GraphReader reader)
    {
        ReadOnlySpan<byte> bytes = reader.ReadBytes();
        return new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(bytes), TimeSpan.FromMinutes(BinaryPrimitives.ReadInt16LittleEndian(bytes[8..])));
    }
}
