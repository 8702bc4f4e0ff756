using System.Text;
using RocksDbSharp.Interop;

namespace RocksDbSharp;

/// <summary>Changes that are applied together or not at all. Not for several threads at once.</summary>
public class WriteBatch : IDisposable
{
    public IntPtr Handle => Native.Pointer;

    internal NativeHandle Native { get; } = new(DbApi.rocksdb_writebatch_create(), DbApi.rocksdb_writebatch_destroy);

    public WriteBatch Clear()
    {
        DbApi.rocksdb_writebatch_clear(Native);
        return this;
    }

    public int Count() => DbApi.rocksdb_writebatch_count(Native);

    public WriteBatch Put(string key, string val, Encoding? encoding = null)
    {
        encoding ??= Encoding.UTF8;
        return Put(encoding.GetBytes(key), encoding.GetBytes(val));
    }

    public WriteBatch Put(byte[] key, byte[] val, ColumnFamilyHandle? cf = null) => Put((ReadOnlySpan<byte>)key, val, cf);

    public unsafe WriteBatch Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, ColumnFamilyHandle? cf = null)
    {
        fixed (byte* k = key)
        fixed (byte* v = value)
        {
            if (cf is null)
                DbApi.rocksdb_writebatch_put(Native, k, (nuint)key.Length, v, (nuint)value.Length);
            else
                DbApi.rocksdb_writebatch_put_cf(Native, ColumnFamily.NativeOf(cf), k, (nuint)key.Length, v, (nuint)value.Length);
        }

        return this;
    }

    public WriteBatch Delete(byte[] key, ColumnFamilyHandle? cf = null) => Delete((ReadOnlySpan<byte>)key, cf);

    public unsafe WriteBatch Delete(ReadOnlySpan<byte> key, ColumnFamilyHandle? cf = null)
    {
        fixed (byte* k = key)
        {
            if (cf is null)
                DbApi.rocksdb_writebatch_delete(Native, k, (nuint)key.Length);
            else
                DbApi.rocksdb_writebatch_delete_cf(Native, ColumnFamily.NativeOf(cf), k, (nuint)key.Length);
        }

        return this;
    }

    /// <summary>Deletes from <paramref name="startKey"/> up to, not including, <paramref name="endKey"/>.</summary>
    public unsafe WriteBatch DeleteRange(byte[] startKey, ulong sklen, byte[] endKey, ulong eklen, ColumnFamilyHandle? cf = null)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sklen, (ulong)startKey.Length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(eklen, (ulong)endKey.Length);
        fixed (byte* start = startKey)
        fixed (byte* end = endKey)
        {
            if (cf is null)
                DbApi.rocksdb_writebatch_delete_range(Native, start, (nuint)sklen, end, (nuint)eklen);
            else
                DbApi.rocksdb_writebatch_delete_range_cf(Native, ColumnFamily.NativeOf(cf), start, (nuint)sklen, end, (nuint)eklen);
        }

        return this;
    }

    public void Dispose() => Native.Dispose();
}
