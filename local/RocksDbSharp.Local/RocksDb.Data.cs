using System.Text;
using RocksDbSharp.Interop;

namespace RocksDbSharp;

// Reading and writing entries.
public sealed partial class RocksDb
{
    /// <returns>The value, or null when the key is not there.</returns>
    public string? Get(string key, ColumnFamilyHandle? cf = null, ReadOptions? readOptions = null, Encoding? encoding = null)
    {
        encoding ??= Encoding.UTF8;
        return Get(encoding.GetBytes(key), cf, readOptions) is { } value ? encoding.GetString(value) : null;
    }

    /// <inheritdoc cref="Get(string, ColumnFamilyHandle, ReadOptions, Encoding)"/>
    public byte[]? Get(byte[] key, ColumnFamilyHandle? cf = null, ReadOptions? readOptions = null) => Get((ReadOnlySpan<byte>)key, cf, readOptions);

    /// <inheritdoc cref="Get(string, ColumnFamilyHandle, ReadOptions, Encoding)"/>
    public byte[]? Get(ReadOnlySpan<byte> key, ColumnFamilyHandle? cf = null, ReadOptions? readOptions = null) => Get(key, CopyDeserializer.Instance, cf, readOptions);

    /// <summary>Reads the value in place, with no copy of it.</summary>
    /// <returns>What the deserializer made of it, or the default value when the key is not there.</returns>
    public unsafe T? Get<T>(ReadOnlySpan<byte> key, ISpanDeserializer<T> deserializer, ColumnFamilyHandle? cf = null, ReadOptions? readOptions = null)
    {
        var slice = Pin(key, cf, readOptions);
        if (slice == 0)
            return default;

        try
        {
            var value = DbApi.rocksdb_pinnableslice_value(slice, out var length);
            return deserializer.Deserialize(new ReadOnlySpan<byte>(value, checked((int)length)));
        }
        finally
        {
            DbApi.rocksdb_pinnableslice_destroy(slice);
        }
    }

    /// <summary>Copies as much of the value as fits.</summary>
    /// <returns>The value's whole length, or -1 when the key is not there.</returns>
    public unsafe long Get(byte[] key, byte[] buffer, long offset, long length, ColumnFamilyHandle? cf = null, ReadOptions? readOptions = null)
    {
        var target = buffer.AsSpan(checked((int)offset), checked((int)length));
        var slice = Pin(key, cf, readOptions);
        if (slice == 0)
            return -1;

        var value = DbApi.rocksdb_pinnableslice_value(slice, out var valueLength);
        new ReadOnlySpan<byte>(value, Math.Min(target.Length, checked((int)valueLength))).CopyTo(target);
        DbApi.rocksdb_pinnableslice_destroy(slice);
        return (long)valueLength;
    }

    public bool HasKey(ReadOnlySpan<byte> key, ColumnFamilyHandle? cf = null, ReadOptions? readOptions = null)
    {
        var slice = Pin(key, cf, readOptions);
        if (slice == 0)
            return false;

        DbApi.rocksdb_pinnableslice_destroy(slice);
        return true;
    }

    public bool HasKey(string key, ColumnFamilyHandle? cf = null, ReadOptions? readOptions = null, Encoding? encoding = null) =>
        HasKey((encoding ?? Encoding.UTF8).GetBytes(key), cf, readOptions);

    /// <summary>Reads many keys in one call. A key that is not there has a null value.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="cf">Null for the default family, else one family per key.</param>
    /// <param name="readOptions">Options, or null.</param>
    public KeyValuePair<byte[], byte[]?>[] MultiGet(byte[][] keys, ColumnFamilyHandle[]? cf = null, ReadOptions? readOptions = null) =>
        MultiGetCall.Run(Live, (readOptions ?? DefaultReadOptions).Native, keys, cf);

    public void Write(WriteBatch writeBatch, WriteOptions? writeOptions = null)
    {
        nint error = 0;
        DbApi.rocksdb_write(Live, (writeOptions ?? DefaultWriteOptions).Native, writeBatch.Native, ref error);
        RocksDbException.ThrowIfSet(error);
    }

    public void Remove(string key, ColumnFamilyHandle? cf = null, WriteOptions? writeOptions = null) => Remove(Encoding.UTF8.GetBytes(key), cf, writeOptions);

    public void Remove(byte[] key, ColumnFamilyHandle? cf = null, WriteOptions? writeOptions = null) => Remove((ReadOnlySpan<byte>)key, cf, writeOptions);

    public unsafe void Remove(ReadOnlySpan<byte> key, ColumnFamilyHandle? cf = null, WriteOptions? writeOptions = null)
    {
        var options = (writeOptions ?? DefaultWriteOptions).Native;
        nint error = 0;
        fixed (byte* k = key)
        {
            if (cf is null)
                DbApi.rocksdb_delete(Live, options, k, (nuint)key.Length, ref error);
            else
                DbApi.rocksdb_delete_cf(Live, options, ColumnFamily.NativeOf(cf), k, (nuint)key.Length, ref error);
        }

        RocksDbException.ThrowIfSet(error);
    }

    public void Put(string key, string value, ColumnFamilyHandle? cf = null, WriteOptions? writeOptions = null, Encoding? encoding = null)
    {
        encoding ??= Encoding.UTF8;
        Put(encoding.GetBytes(key), encoding.GetBytes(value), cf, writeOptions);
    }

    public void Put(byte[] key, byte[] value, ColumnFamilyHandle? cf = null, WriteOptions? writeOptions = null) => Put((ReadOnlySpan<byte>)key, value, cf, writeOptions);

    public unsafe void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ColumnFamilyHandle? cf = null, WriteOptions? writeOptions = null)
    {
        var options = (writeOptions ?? DefaultWriteOptions).Native;
        nint error = 0;
        fixed (byte* k = key)
        fixed (byte* v = value)
        {
            if (cf is null)
                DbApi.rocksdb_put(Live, options, k, (nuint)key.Length, v, (nuint)value.Length, ref error);
            else
                DbApi.rocksdb_put_cf(Live, options, ColumnFamily.NativeOf(cf), k, (nuint)key.Length, v, (nuint)value.Length, ref error);
        }

        RocksDbException.ThrowIfSet(error);
    }

    /// <summary>Zero, or a slice that the caller destroys.</summary>
    private unsafe nint Pin(ReadOnlySpan<byte> key, ColumnFamilyHandle? cf, ReadOptions? readOptions)
    {
        var options = (readOptions ?? DefaultReadOptions).Native;
        nint error = 0;
        nint slice;
        fixed (byte* k = key)
        {
            slice = cf is null
                ? DbApi.rocksdb_get_pinned(Live, options, k, (nuint)key.Length, ref error)
                : DbApi.rocksdb_get_pinned_cf(Live, options, ColumnFamily.NativeOf(cf), k, (nuint)key.Length, ref error);
        }

        RocksDbException.ThrowIfSet(error);
        return slice;
    }

    private sealed class CopyDeserializer : ISpanDeserializer<byte[]>
    {
        public static readonly CopyDeserializer Instance = new();

        public byte[] Deserialize(ReadOnlySpan<byte> buffer) => buffer.ToArray();
    }
}
