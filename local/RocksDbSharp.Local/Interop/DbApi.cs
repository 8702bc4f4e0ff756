using System.Runtime.InteropServices;

namespace RocksDbSharp.Interop;

/// <summary>The database half of RocksDB's C API. Names are the C ones; <c>error</c> must be zero before the call and is freed by the exception made of it.</summary>
internal static unsafe partial class DbApi
{
    private const string Lib = LibraryResolver.LibraryName;

    static DbApi() => LibraryResolver.Register();

    /// <summary>Runs the static constructor: every other import class calls this first.</summary>
    public static void Ensure()
    {
    }

    [LibraryImport(Lib)] public static partial void rocksdb_free(nint memory);
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)] public static partial nint rocksdb_open(NativeHandle options, string path, ref nint error);
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)] public static partial nint rocksdb_open_with_ttl(NativeHandle options, string path, int seconds, ref nint error);
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)] public static partial nint rocksdb_open_for_read_only(NativeHandle options, string path, byte errorIfLogExists, ref nint error);
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)] public static partial nint rocksdb_open_column_families(NativeHandle options, string path, int count, nint* names, nint* cfOptions, nint* handles, ref nint error);
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)] public static partial nint rocksdb_open_for_read_only_column_families(NativeHandle options, string path, int count, nint* names, nint* cfOptions, nint* handles, byte errorIfLogExists, ref nint error);
    [LibraryImport(Lib)] public static partial void rocksdb_close(nint db);
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)] public static partial void rocksdb_destroy_db(nint options, string path, ref nint error);

    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)] public static partial nint* rocksdb_list_column_families(NativeHandle options, string path, out nuint count, ref nint error);
    [LibraryImport(Lib)] public static partial void rocksdb_list_column_families_destroy(nint* names, nuint count);
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)] public static partial nint rocksdb_create_column_family(NativeHandle db, NativeHandle options, string name, ref nint error);
    [LibraryImport(Lib)] public static partial void rocksdb_drop_column_family(NativeHandle db, NativeHandle family, ref nint error);
    [LibraryImport(Lib)] public static partial void rocksdb_column_family_handle_destroy(nint family);

    [LibraryImport(Lib)] public static partial void rocksdb_put(NativeHandle db, NativeHandle options, byte* key, nuint keyLength, byte* value, nuint valueLength, ref nint error);
    [LibraryImport(Lib)] public static partial void rocksdb_put_cf(NativeHandle db, NativeHandle options, NativeHandle family, byte* key, nuint keyLength, byte* value, nuint valueLength, ref nint error);
    [LibraryImport(Lib)] public static partial void rocksdb_delete(NativeHandle db, NativeHandle options, byte* key, nuint keyLength, ref nint error);
    [LibraryImport(Lib)] public static partial void rocksdb_delete_cf(NativeHandle db, NativeHandle options, NativeHandle family, byte* key, nuint keyLength, ref nint error);
    [LibraryImport(Lib)] public static partial void rocksdb_write(NativeHandle db, NativeHandle options, NativeHandle batch, ref nint error);
    [LibraryImport(Lib)] public static partial nint rocksdb_get_pinned(NativeHandle db, NativeHandle options, byte* key, nuint keyLength, ref nint error);
    [LibraryImport(Lib)] public static partial nint rocksdb_get_pinned_cf(NativeHandle db, NativeHandle options, NativeHandle family, byte* key, nuint keyLength, ref nint error);
    [LibraryImport(Lib)] public static partial byte* rocksdb_pinnableslice_value(nint slice, out nuint length);
    [LibraryImport(Lib)] public static partial void rocksdb_pinnableslice_destroy(nint slice);
    [LibraryImport(Lib)] public static partial void rocksdb_multi_get(NativeHandle db, NativeHandle options, nuint count, nint* keys, nuint* keyLengths, nint* values, nuint* valueLengths, nint* errors);
    [LibraryImport(Lib)] public static partial void rocksdb_multi_get_cf(NativeHandle db, NativeHandle options, nint* families, nuint count, nint* keys, nuint* keyLengths, nint* values, nuint* valueLengths, nint* errors);

    [LibraryImport(Lib)] public static partial nint rocksdb_create_snapshot(NativeHandle db);
    [LibraryImport(Lib)] public static partial void rocksdb_release_snapshot(nint db, nint snapshot);
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)] public static partial nint rocksdb_property_value(NativeHandle db, string name);
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)] public static partial nint rocksdb_property_value_cf(NativeHandle db, NativeHandle family, string name);
    [LibraryImport(Lib)] public static partial void rocksdb_compact_range(NativeHandle db, byte* start, nuint startLength, byte* limit, nuint limitLength);
    [LibraryImport(Lib)] public static partial void rocksdb_compact_range_cf(NativeHandle db, NativeHandle family, byte* start, nuint startLength, byte* limit, nuint limitLength);
    [LibraryImport(Lib)] public static partial void rocksdb_flush(NativeHandle db, NativeHandle options, ref nint error);
    [LibraryImport(Lib)] public static partial void rocksdb_flush_cf(nint db, nint options, nint family, ref nint error);

    [LibraryImport(Lib)] public static partial nint rocksdb_create_iterator(NativeHandle db, NativeHandle options);
    [LibraryImport(Lib)] public static partial nint rocksdb_create_iterator_cf(NativeHandle db, NativeHandle options, NativeHandle family);
    [LibraryImport(Lib)] public static partial void rocksdb_iter_destroy(nint iterator);
    [LibraryImport(Lib)] public static partial byte rocksdb_iter_valid(NativeHandle iterator);
    [LibraryImport(Lib)] public static partial void rocksdb_iter_seek_to_first(NativeHandle iterator);
    [LibraryImport(Lib)] public static partial void rocksdb_iter_seek_to_last(NativeHandle iterator);
    [LibraryImport(Lib)] public static partial void rocksdb_iter_seek(NativeHandle iterator, byte* key, nuint length);
    [LibraryImport(Lib)] public static partial void rocksdb_iter_seek_for_prev(NativeHandle iterator, byte* key, nuint length);
    [LibraryImport(Lib)] public static partial void rocksdb_iter_next(NativeHandle iterator);
    [LibraryImport(Lib)] public static partial void rocksdb_iter_prev(NativeHandle iterator);
    [LibraryImport(Lib)] public static partial byte* rocksdb_iter_key(NativeHandle iterator, out nuint length);
    [LibraryImport(Lib)] public static partial byte* rocksdb_iter_value(NativeHandle iterator, out nuint length);
    [LibraryImport(Lib)] public static partial void rocksdb_iter_get_error(nint iterator, ref nint error);

    [LibraryImport(Lib)] public static partial nint rocksdb_writebatch_create();
    [LibraryImport(Lib)] public static partial void rocksdb_writebatch_destroy(nint batch);
    [LibraryImport(Lib)] public static partial void rocksdb_writebatch_clear(NativeHandle batch);
    [LibraryImport(Lib)] public static partial int rocksdb_writebatch_count(NativeHandle batch);
    [LibraryImport(Lib)] public static partial void rocksdb_writebatch_put(NativeHandle batch, byte* key, nuint keyLength, byte* value, nuint valueLength);
    [LibraryImport(Lib)] public static partial void rocksdb_writebatch_put_cf(NativeHandle batch, NativeHandle family, byte* key, nuint keyLength, byte* value, nuint valueLength);
    [LibraryImport(Lib)] public static partial void rocksdb_writebatch_delete(NativeHandle batch, byte* key, nuint keyLength);
    [LibraryImport(Lib)] public static partial void rocksdb_writebatch_delete_cf(NativeHandle batch, NativeHandle family, byte* key, nuint keyLength);
    [LibraryImport(Lib)] public static partial void rocksdb_writebatch_delete_range(NativeHandle batch, byte* start, nuint startLength, byte* end, nuint endLength);
    [LibraryImport(Lib)] public static partial void rocksdb_writebatch_delete_range_cf(NativeHandle batch, NativeHandle family, byte* start, nuint startLength, byte* end, nuint endLength);
}
