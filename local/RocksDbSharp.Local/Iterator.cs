using System.Text;
using RocksDbSharp.Interop;

namespace RocksDbSharp;

/// <summary>
/// Walks keys in order. For one thread at a time. Spans are valid until the next step. When <see cref="Valid"/> turns false, ask
/// <see cref="Native.rocksdb_iter_get_error"/> whether that was the end or a damaged file.
/// </summary>
public class Iterator : IDisposable
{
    private readonly NativeHandle _native;

    internal Iterator(nint iterator, params NativeHandle[] needs) => _native = new NativeHandle(iterator, DbApi.rocksdb_iter_destroy, needs);

    public IntPtr Handle => _native.Pointer;

    public bool Valid() => DbApi.rocksdb_iter_valid(_native) != 0;

    public Iterator SeekToFirst()
    {
        DbApi.rocksdb_iter_seek_to_first(_native);
        return this;
    }

    public Iterator SeekToLast()
    {
        DbApi.rocksdb_iter_seek_to_last(_native);
        return this;
    }

    public Iterator Seek(byte[] key) => Seek((ReadOnlySpan<byte>)key);

    public Iterator Seek(string key) => Seek(Encoding.UTF8.GetBytes(key));

    public unsafe Iterator Seek(ReadOnlySpan<byte> key)
    {
        fixed (byte* k = key)
            DbApi.rocksdb_iter_seek(_native, k, (nuint)key.Length);
        return this;
    }

    public Iterator SeekForPrev(byte[] key) => SeekForPrev((ReadOnlySpan<byte>)key);

    public Iterator SeekForPrev(string key) => SeekForPrev(Encoding.UTF8.GetBytes(key));

    public unsafe Iterator SeekForPrev(ReadOnlySpan<byte> key)
    {
        fixed (byte* k = key)
            DbApi.rocksdb_iter_seek_for_prev(_native, k, (nuint)key.Length);
        return this;
    }

    /// <exception cref="InvalidOperationException">The iterator is past its end. (The package would crash the process.)</exception>
    public Iterator Next()
    {
        RequireValid();
        DbApi.rocksdb_iter_next(_native);
        return this;
    }

    /// <inheritdoc cref="Next"/>
    public Iterator Prev()
    {
        RequireValid();
        DbApi.rocksdb_iter_prev(_native);
        return this;
    }

    public byte[] Key() => GetKeySpan().ToArray();

    public byte[] Value() => GetValueSpan().ToArray();

    public T Key<T>(ISpanDeserializer<T> deserializer) => deserializer.Deserialize(GetKeySpan());

    public T Value<T>(ISpanDeserializer<T> deserializer) => deserializer.Deserialize(GetValueSpan());

    public string StringKey() => Encoding.UTF8.GetString(GetKeySpan());

    public string StringValue() => Encoding.UTF8.GetString(GetValueSpan());

    public unsafe ReadOnlySpan<byte> GetKeySpan()
    {
        RequireValid();
        var key = DbApi.rocksdb_iter_key(_native, out var length);
        return new ReadOnlySpan<byte>(key, checked((int)length));
    }

    public unsafe ReadOnlySpan<byte> GetValueSpan()
    {
        RequireValid();
        var value = DbApi.rocksdb_iter_value(_native, out var length);
        return new ReadOnlySpan<byte>(value, checked((int)length));
    }

    public void Dispose() => _native.Dispose();

    private void RequireValid()
    {
        if (!Valid())
            throw new InvalidOperationException("The iterator is not at an entry: check Valid() before reading or stepping.");
    }
}
