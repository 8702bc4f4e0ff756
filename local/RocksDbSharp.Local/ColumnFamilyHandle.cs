using RocksDbSharp.Interop;

namespace RocksDbSharp;

#pragma warning disable CA1715, IDE1006 // an interface without the I: the package's name
public interface ColumnFamilyHandle
#pragma warning restore CA1715, IDE1006
{
    IntPtr Handle { get; }
}

/// <summary>A family of one open database, which owns it.</summary>
internal sealed class ColumnFamily(nint handle, NativeHandle database) : ColumnFamilyHandle
{
    public IntPtr Handle => Native.Pointer;

    internal NativeHandle Native { get; } = new(handle, DbApi.rocksdb_column_family_handle_destroy, database);

    public static NativeHandle NativeOf(ColumnFamilyHandle family) => ((ColumnFamily)family).Native;
}
