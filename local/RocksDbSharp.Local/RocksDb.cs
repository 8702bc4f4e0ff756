using System.Runtime.InteropServices;
using System.Text;
using RocksDbSharp.Interop;

namespace RocksDbSharp;

/// <summary>
/// An open database. Safe for many threads. <see cref="Dispose"/> closes it as soon as no call is in flight and every iterator and snapshot made from it is disposed;
/// until then the directory stays locked.
/// </summary>
public sealed partial class RocksDb : IDisposable
{
    private static readonly ReadOptions DefaultReadOptions = new();
    private static readonly WriteOptions DefaultWriteOptions = new();

    private readonly NativeHandle _native;
    private readonly Dictionary<string, ColumnFamily>? _families;
    private readonly Lock _familiesLock = new();
    private volatile bool _disposed;

    private RocksDb(nint handle, string[]? names = null, nint[]? families = null)
    {
        _native = new NativeHandle(handle, DbApi.rocksdb_close);
        if (names is null || families is null)
            return;

        _families = new Dictionary<string, ColumnFamily>(StringComparer.Ordinal);
        for (var i = 0; i < names.Length; i++)
            _families.Add(names[i], new ColumnFamily(families[i], _native));
    }

    public IntPtr Handle => Live.Pointer;

    /// <summary>For new calls. The handle itself may outlive <see cref="Dispose"/>, for the iterators that still need it.</summary>
    private NativeHandle Live
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _native;
        }
    }

    public static RocksDb Open(OptionsHandle options, string path)
    {
        nint error = 0;
        var db = DbApi.rocksdb_open(options.Native, path, ref error);
        RocksDbException.ThrowIfSet(error);
        return new RocksDb(db);
    }

    /// <summary>RocksDB drops entries older than the time to live when it compacts, and only then; a reader may still see them.</summary>
    public static RocksDb OpenWithTtl(OptionsHandle options, string path, int ttlSeconds)
    {
        nint error = 0;
        var db = DbApi.rocksdb_open_with_ttl(options.Native, path, ttlSeconds, ref error);
        RocksDbException.ThrowIfSet(error);
        return new RocksDb(db);
    }

    public static RocksDb OpenReadOnly(OptionsHandle options, string path, bool errorIfLogFileExists)
    {
        nint error = 0;
        var db = DbApi.rocksdb_open_for_read_only(options.Native, path, Flag.Of(errorIfLogFileExists), ref error);
        RocksDbException.ThrowIfSet(error);
        return new RocksDb(db);
    }

    /// <summary>Opens every family named; all families that the database has must be named.</summary>
    public static RocksDb Open(DbOptions options, string path, ColumnFamilies columnFamilies) =>
        OpenFamilies(options, path, columnFamilies, readOnly: false, errorIfLogExists: false);

    /// <summary>Opens the families named, which may be fewer than the database has.</summary>
    public static RocksDb OpenReadOnly(DbOptions options, string path, ColumnFamilies columnFamilies, bool errIfLogFileExists) =>
        OpenFamilies(options, path, columnFamilies, readOnly: true, errIfLogFileExists);

    public static IEnumerable<string> ListColumnFamilies(DbOptions options, string name) => ListFamilies(options, name, out var error) ?? throw new RocksDbException(error);

    public static bool TryListColumnFamilies(DbOptions options, string name, out string[] columnFamilies)
    {
        var names = ListFamilies(options, name, out var error);
        columnFamilies = names ?? [];
        if (error != 0)
            DbApi.rocksdb_free(error);
        return names is not null;
    }

    public ColumnFamilyHandle CreateColumnFamily(ColumnFamilyOptions cfOptions, string name)
    {
        lock (_familiesLock)
        {
            var families = RequireFamilies();
            nint error = 0;
            var handle = DbApi.rocksdb_create_column_family(Live, cfOptions.Native, name, ref error);
            RocksDbException.ThrowIfSet(error);
            return families[name] = new ColumnFamily(handle, _native);
        }
    }

    /// <summary>Drops the family; handles to it stay readable until they are released, here at once.</summary>
    public void DropColumnFamily(string name)
    {
        lock (_familiesLock)
        {
            var families = RequireFamilies();
            var family = families[name];
            nint error = 0;
            DbApi.rocksdb_drop_column_family(Live, family.Native, ref error);
            RocksDbException.ThrowIfSet(error);
            families.Remove(name);
            family.Native.Dispose();
        }
    }

    public ColumnFamilyHandle GetDefaultColumnFamily() => GetColumnFamily(ColumnFamilies.DefaultName);

    /// <exception cref="KeyNotFoundException">No such family was opened.</exception>
    public ColumnFamilyHandle GetColumnFamily(string name) =>
        TryGetColumnFamily(name, out var family) ? family! : throw new KeyNotFoundException($"The database was opened without the column family '{name}'.");

    public bool TryGetColumnFamily(string name, out ColumnFamilyHandle? handle)
    {
        lock (_familiesLock)
        {
            var found = RequireFamilies().TryGetValue(name, out var family);
            handle = family;
            return found;
        }
    }

    public Iterator NewIterator(ColumnFamilyHandle? cf = null, ReadOptions? readOptions = null)
    {
        var options = (readOptions ?? DefaultReadOptions).Native;
        if (cf is null)
            return new Iterator(DbApi.rocksdb_create_iterator(Live, options), _native, options);

        var family = ColumnFamily.NativeOf(cf);
        return new Iterator(DbApi.rocksdb_create_iterator_cf(Live, options, family), family, _native, options);
    }

    public Snapshot CreateSnapshot() => new(DbApi.rocksdb_create_snapshot(Live), _native);

    /// <returns>The property's value, or null when RocksDB has none of that name.</returns>
    public string? GetProperty(string propertyName) => NativeText.TakeUtf8(DbApi.rocksdb_property_value(Live, propertyName));

    public string? GetProperty(string propertyName, ColumnFamilyHandle cf) =>
        NativeText.TakeUtf8(DbApi.rocksdb_property_value_cf(Live, ColumnFamily.NativeOf(cf), propertyName));

    /// <summary>Compacts the keys between the two; null is the respective end.</summary>
    public unsafe void CompactRange(byte[]? start, byte[]? limit, ColumnFamilyHandle? cf = null)
    {
        fixed (byte* from = start)
        fixed (byte* to = limit)
        {
            if (cf is null)
                DbApi.rocksdb_compact_range(Live, from, (nuint)(start?.Length ?? 0), to, (nuint)(limit?.Length ?? 0));
            else
                DbApi.rocksdb_compact_range_cf(Live, ColumnFamily.NativeOf(cf), from, (nuint)(start?.Length ?? 0), to, (nuint)(limit?.Length ?? 0));
        }
    }

    public void CompactRange(string? start, string? limit, ColumnFamilyHandle? cf = null, Encoding? encoding = null)
    {
        encoding ??= Encoding.UTF8;
        CompactRange(start is null ? null : encoding.GetBytes(start), limit is null ? null : encoding.GetBytes(limit), cf);
    }

    /// <summary>Flushes the default family; <see cref="Native.rocksdb_flush_cf"/> flushes another one.</summary>
    public void Flush(FlushOptions flushOptions)
    {
        nint error = 0;
        DbApi.rocksdb_flush(Live, flushOptions.Native, ref error);
        RocksDbException.ThrowIfSet(error);
    }

    public void Dispose()
    {
        lock (_familiesLock)
        {
            _disposed = true;
            foreach (var family in _families?.Values ?? Enumerable.Empty<ColumnFamily>())
                family.Native.Dispose();
            _native.Dispose();
        }
    }

    private static unsafe RocksDb OpenFamilies(DbOptions options, string path, ColumnFamilies families, bool readOnly, bool errorIfLogExists)
    {
        var names = families.Names.ToArray();
        var cfOptions = families.Select(family => family.Options.Handle).ToArray();
        var cfNames = Array.ConvertAll(names, Marshal.StringToCoTaskMemUTF8);
        var handles = new nint[names.Length];
        nint error = 0;
        nint db;
        try
        {
            fixed (nint* namePointers = cfNames, optionPointers = cfOptions, handlePointers = handles)
            {
                db = readOnly
                    ? DbApi.rocksdb_open_for_read_only_column_families(options.Native, path, names.Length, namePointers, optionPointers, handlePointers, Flag.Of(errorIfLogExists), ref error)
                    : DbApi.rocksdb_open_column_families(options.Native, path, names.Length, namePointers, optionPointers, handlePointers, ref error);
            }
        }
        finally
        {
            Array.ForEach(cfNames, Marshal.FreeCoTaskMem);
            GC.KeepAlive(families);
        }

        RocksDbException.ThrowIfSet(error);
        return new RocksDb(db, names, handles);
    }

    private static unsafe string[]? ListFamilies(DbOptions options, string path, out nint error)
    {
        error = 0;
        var list = DbApi.rocksdb_list_column_families(options.Native, path, out var count, ref error);
        if (error != 0)
            return null;

        try
        {
            var names = new string[(int)count];
            for (var i = 0; i < names.Length; i++)
                names[i] = Marshal.PtrToStringUTF8(list[i])!;
            return names;
        }
        finally
        {
            DbApi.rocksdb_list_column_families_destroy(list, count);
        }
    }

    private Dictionary<string, ColumnFamily> RequireFamilies() => _families ?? throw new RocksDbSharpException("Database not opened for column families");
}
