using System.Buffers;
using Microsoft.Extensions.Options;
using Orleans.Runtime;
using Orleans.Serialization;

namespace Local.Tests.Serialization;

/// <summary>The codec without a runtime: no grain references.</summary>
internal sealed class Codec
{
    private readonly ValueCodec _codec = new(new Lazy<IGrainReferenceRuntime>(() => throw new InvalidOperationException("No runtime here.")), Options.Create(new ExceptionSerializationOptions()));

    public byte[] ToBytes<T>(T value)
    {
        var output = new ArrayBufferWriter<byte>();
        _codec.Write(output, value, typeof(T));
        return output.WrittenSpan.ToArray();
    }

    public T Read<T>(byte[] bytes)
    {
        ReadOnlyMemory<byte> source = bytes;
        var value = (T)_codec.Read(ref source, typeof(T))!;
        Assert.True(source.IsEmpty);
        return value;
    }

    public void ReadAny(ReadOnlyMemory<byte> bytes) => _codec.Read(ref bytes, typeof(object));

    public T Copy<T>(T value) => (T)_codec.Copy(value, typeof(T))!;

    public bool IsImmutable(Type type) => _codec.IsImmutable(type);

    public string[] Check(Type type, string where)
    {
        var problems = new List<string>();
        _codec.Check(type, where, problems);
        return [.. problems];
    }
}
