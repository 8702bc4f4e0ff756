namespace RocksDbSharp;

/// <summary>Reads a value in place: the bytes are RocksDB's and valid only during the call.</summary>
public interface ISpanDeserializer<T>
{
    T Deserialize(ReadOnlySpan<byte> buffer);
}
