using RocksDbSharp.Interop;

namespace RocksDbSharp;

/// <summary>A block cache, shared by the tables that are given it; databases keep it alive by themselves. Disposal: see <see cref="OptionsHandle"/>.</summary>
public class Cache : IDisposable
{
    private Cache(nint handle) => Native = new NativeHandle(handle, OptionsApi.rocksdb_cache_destroy);

    public IntPtr Handle => Native.Pointer;

    internal NativeHandle Native { get; }

    /// <param name="capacity">Bytes.</param>
    public static Cache CreateLru(ulong capacity) => new(OptionsApi.rocksdb_cache_create_lru((nuint)capacity));

    public Cache SetCapacity(ulong capacity)
    {
        OptionsApi.rocksdb_cache_set_capacity(Native, (nuint)capacity);
        return this;
    }

    public ulong GetUsage() => OptionsApi.rocksdb_cache_get_usage(Native);

    public ulong GetPinnedUsage() => OptionsApi.rocksdb_cache_get_pinned_usage(Native);

    void IDisposable.Dispose() => Native.Dispose();
}
