using System.Runtime.InteropServices;
using System.Text;
using RocksDbSharp.Interop;

namespace RocksDbSharp;

/// <summary>Options of reads. Iterators read them in place, so an iterator keeps its read options open. Disposal: see <see cref="OptionsHandle"/>.</summary>
public class ReadOptions : IDisposable
{
    // RocksDB keeps pointers to the bounds: a replaced bound may still be in use by a live iterator, so all of them live as long as the options.
    private readonly List<nint> _bounds = [];
    private readonly NativeHandle _native;
    private Snapshot? _snapshot;

    public ReadOptions()
    {
        var bounds = _bounds;
        _native = new NativeHandle(OptionsApi.rocksdb_readoptions_create(), handle => Release(handle, bounds));
    }

    public IntPtr Handle => Native.Pointer;

    /// <exception cref="ObjectDisposedException">The snapshot that these options read through was released.</exception>
    internal NativeHandle Native
    {
        get
        {
            if (_snapshot is { IsReleased: true })
                throw new ObjectDisposedException(nameof(Snapshot), "These ReadOptions read through a snapshot that was released.");
            return _native;
        }
    }

    public ReadOptions SetVerifyChecksums(bool value)
    {
        OptionsApi.rocksdb_readoptions_set_verify_checksums(Native, Flag.Of(value));
        return this;
    }

    public ReadOptions SetFillCache(bool value)
    {
        OptionsApi.rocksdb_readoptions_set_fill_cache(Native, Flag.Of(value));
        return this;
    }

    public ReadOptions SetSnapshot(Snapshot snapshot)
    {
        OptionsApi.rocksdb_readoptions_set_snapshot(Native, snapshot.Native);
        _snapshot = snapshot;
        return this;
    }

    public ReadOptions SetPrefixSameAsStart(bool prefixSameAsStart)
    {
        OptionsApi.rocksdb_readoptions_set_prefix_same_as_start(Native, Flag.Of(prefixSameAsStart));
        return this;
    }

    public ReadOptions SetTotalOrderSeek(bool enable)
    {
        OptionsApi.rocksdb_readoptions_set_total_order_seek(Native, Flag.Of(enable));
        return this;
    }

    public ReadOptions SetReadaheadSize(ulong size)
    {
        OptionsApi.rocksdb_readoptions_set_readahead_size(Native, (nuint)size);
        return this;
    }

    /// <summary>The first key that iterators may see.</summary>
    public ReadOptions SetIterateLowerBound(byte[] key) => SetIterateLowerBound(key, (ulong)key.Length);

    public unsafe ReadOptions SetIterateLowerBound(byte[] key, ulong keyLen)
    {
        OptionsApi.rocksdb_readoptions_set_iterate_lower_bound(Native, CopyBound(key, keyLen), (nuint)keyLen);
        return this;
    }

    public ReadOptions SetIterateLowerBound(string stringKey, Encoding? encoding = null) => SetIterateLowerBound((encoding ?? Encoding.UTF8).GetBytes(stringKey));

    /// <summary>The key before which iterators end; it is not seen itself.</summary>
    public ReadOptions SetIterateUpperBound(byte[] key) => SetIterateUpperBound(key, (ulong)key.Length);

    public unsafe ReadOptions SetIterateUpperBound(byte[] key, ulong keyLen)
    {
        OptionsApi.rocksdb_readoptions_set_iterate_upper_bound(Native, CopyBound(key, keyLen), (nuint)keyLen);
        return this;
    }

    public ReadOptions SetIterateUpperBound(string stringKey, Encoding? encoding = null) => SetIterateUpperBound((encoding ?? Encoding.UTF8).GetBytes(stringKey));

    void IDisposable.Dispose() => _native.Dispose();

    private unsafe byte* CopyBound(byte[] key, ulong length)
    {
        var source = key.AsSpan(0, checked((int)length));
        var memory = Marshal.AllocHGlobal(Math.Max(1, source.Length));
        source.CopyTo(new Span<byte>((void*)memory, source.Length));
        _bounds.Add(memory);
        return (byte*)memory;
    }

    private static void Release(nint handle, List<nint> bounds)
    {
        OptionsApi.rocksdb_readoptions_destroy(handle);
        foreach (var bound in bounds)
            Marshal.FreeHGlobal(bound);
    }
}
