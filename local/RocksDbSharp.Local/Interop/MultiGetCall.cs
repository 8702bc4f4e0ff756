using System.Runtime.InteropServices;

namespace RocksDbSharp.Interop;

/// <summary>One multi-get: pins the keys, copies the values out, frees what RocksDB allocated on every path.</summary>
internal static unsafe class MultiGetCall
{
    public static KeyValuePair<byte[], byte[]?>[] Run(NativeHandle db, NativeHandle options, byte[][] keys, ColumnFamilyHandle[]? families)
    {
        if (keys.Length == 0)
            return [];
        if (families is not null)
            ArgumentOutOfRangeException.ThrowIfNotEqual(families.Length, keys.Length, nameof(families));

        var pins = Array.ConvertAll(keys, key => GCHandle.Alloc(key, GCHandleType.Pinned));
        var values = new nint[keys.Length];
        var lengths = new nuint[keys.Length];
        var errors = new nint[keys.Length];
        try
        {
            Call(db, options, keys, pins, families, values, lengths, errors);
            return Copy(keys, values, lengths, errors);
        }
        finally
        {
            Array.ForEach(pins, pin => pin.Free());
            Array.ForEach(values, Free);
            Array.ForEach(errors, Free);
        }
    }

    private static void Call(NativeHandle db, NativeHandle options, byte[][] keys, GCHandle[] pins, ColumnFamilyHandle[]? families, nint[] values, nuint[] lengths, nint[] errors)
    {
        var count = (nuint)keys.Length;
        fixed (nint* keyPointers = Array.ConvertAll(pins, pin => pin.AddrOfPinnedObject()), valuePointers = values, errorPointers = errors)
        fixed (nuint* keyLengths = Array.ConvertAll(keys, key => (nuint)key.Length), valueLengths = lengths)
        {
            if (families is null)
            {
                DbApi.rocksdb_multi_get(db, options, count, keyPointers, keyLengths, valuePointers, valueLengths, errorPointers);
                return;
            }

            fixed (nint* familyPointers = Array.ConvertAll(families, family => family.Handle))
                DbApi.rocksdb_multi_get_cf(db, options, familyPointers, count, keyPointers, keyLengths, valuePointers, valueLengths, errorPointers);
            GC.KeepAlive(families);
        }
    }

    private static KeyValuePair<byte[], byte[]?>[] Copy(byte[][] keys, nint[] values, nuint[] lengths, nint[] errors)
    {
        var result = new KeyValuePair<byte[], byte[]?>[keys.Length];
        for (var i = 0; i < keys.Length; i++)
        {
            if (errors[i] != 0)
                throw new RocksDbException(Interlocked.Exchange(ref errors[i], 0));
            result[i] = new(keys[i], values[i] == 0 ? null : new ReadOnlySpan<byte>((void*)values[i], checked((int)lengths[i])).ToArray());
        }

        return result;
    }

    private static void Free(nint memory)
    {
        if (memory != 0)
            DbApi.rocksdb_free(memory);
    }
}
