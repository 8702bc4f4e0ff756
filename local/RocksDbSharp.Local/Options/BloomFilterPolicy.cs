using RocksDbSharp.Interop;

namespace RocksDbSharp;

/// <summary>A Bloom filter for table files. The table options that take it own it. A ribbon filter comes from <see cref="Native.rocksdb_filterpolicy_create_ribbon"/>.</summary>
public class BloomFilterPolicy : IDisposable
{
    private nint _handle;

    private BloomFilterPolicy(nint handle) => _handle = handle;

    /// <param name="bits_per_key">About 10 for one false positive in a hundred.</param>
    /// <param name="use_block_based_builder">The package's default, an old format that current RocksDB builds as a full filter; pass false.</param>
    public static BloomFilterPolicy Create(int bits_per_key = 10, bool use_block_based_builder = true) =>
        new(use_block_based_builder ? OptionsApi.rocksdb_filterpolicy_create_bloom(bits_per_key) : OptionsApi.rocksdb_filterpolicy_create_bloom_full(bits_per_key));

    internal nint GiveAway()
    {
        var handle = Interlocked.Exchange(ref _handle, 0);
        return handle != 0
            ? handle
            : throw new InvalidOperationException("This BloomFilterPolicy belongs to other BlockBasedTableOptions already: create one policy for each.");
    }

    void IDisposable.Dispose()
    {
        var handle = Interlocked.Exchange(ref _handle, 0);
        if (handle != 0)
            OptionsApi.rocksdb_filterpolicy_destroy(handle);
    }
}
