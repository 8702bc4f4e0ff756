using RocksDbSharp.Interop;

namespace RocksDbSharp;

/// <summary>How table files are cut into blocks, filtered and cached. Disposal: see <see cref="OptionsHandle"/>.</summary>
public class BlockBasedTableOptions : IDisposable
{
    public BlockBasedTableOptions() => Native = new NativeHandle(OptionsApi.rocksdb_block_based_options_create(), OptionsApi.rocksdb_block_based_options_destroy);

    public IntPtr Handle => Native.Pointer;

    internal NativeHandle Native { get; }

    public BlockBasedTableOptions SetBlockSize(ulong blockSize)
    {
        OptionsApi.rocksdb_block_based_options_set_block_size(Native, (nuint)blockSize);
        return this;
    }

    /// <summary>Takes a filter made by a native call (a ribbon filter, for instance) and owns it from now on.</summary>
    public BlockBasedTableOptions SetFilterPolicy(IntPtr filterPolicy)
    {
        OptionsApi.rocksdb_block_based_options_set_filter_policy(Native, filterPolicy);
        return this;
    }

    /// <summary>Takes the filter and owns it from now on: one policy object per table options.</summary>
    /// <exception cref="InvalidOperationException">Other table options own it already. (The package would free it twice.)</exception>
    public BlockBasedTableOptions SetFilterPolicy(BloomFilterPolicy filterPolicy) => SetFilterPolicy(filterPolicy.GiveAway());

    public BlockBasedTableOptions SetNoBlockCache(bool noBlockCache)
    {
        OptionsApi.rocksdb_block_based_options_set_no_block_cache(Native, Flag.Of(noBlockCache));
        return this;
    }

    public BlockBasedTableOptions SetBlockCache(Cache blockCache)
    {
        OptionsApi.rocksdb_block_based_options_set_block_cache(Native, blockCache.Native);
        return this;
    }

    public BlockBasedTableOptions SetWholeKeyFiltering(bool wholeKeyFiltering)
    {
        OptionsApi.rocksdb_block_based_options_set_whole_key_filtering(Native, Flag.Of(wholeKeyFiltering));
        return this;
    }

    public BlockBasedTableOptions SetFormatVersion(int formatVersion)
    {
        OptionsApi.rocksdb_block_based_options_set_format_version(Native, formatVersion);
        return this;
    }

    public BlockBasedTableOptions SetIndexType(BlockBasedTableIndexType indexType)
    {
        OptionsApi.rocksdb_block_based_options_set_index_type(Native, (int)indexType);
        return this;
    }

    public BlockBasedTableOptions SetCacheIndexAndFilterBlocks(bool cacheIndexAndFilterBlocks)
    {
        OptionsApi.rocksdb_block_based_options_set_cache_index_and_filter_blocks(Native, Flag.Of(cacheIndexAndFilterBlocks));
        return this;
    }

    public BlockBasedTableOptions SetPinL0FilterAndIndexBlocksInCache(bool pinL0FilterAndIndexBlocksInCache)
    {
        OptionsApi.rocksdb_block_based_options_set_pin_l0_filter_and_index_blocks_in_cache(Native, Flag.Of(pinL0FilterAndIndexBlocksInCache));
        return this;
    }

    void IDisposable.Dispose() => Native.Dispose();
}
