using RocksDbSharp.Interop;

namespace RocksDbSharp;

/// <summary>The raw calls that the package's classes do not wrap and Dora uses. Arguments are the <c>Handle</c>s of the classes.</summary>
public sealed class Native
{
    public static readonly Native Instance = new();

    private Native()
    {
    }

    /// <summary>A ribbon filter, about 30 % smaller than a Bloom filter of the same strength. Give it to <see cref="BlockBasedTableOptions.SetFilterPolicy(IntPtr)"/>, which owns it then.</summary>
    public IntPtr rocksdb_filterpolicy_create_ribbon(double bloom_equivalent_bits_per_key) => OptionsApi.rocksdb_filterpolicy_create_ribbon(bloom_equivalent_bits_per_key);

    public void rocksdb_block_based_options_set_partition_filters(IntPtr options, bool partition_filters) =>
        OptionsApi.rocksdb_block_based_options_set_partition_filters(options, Flag.Of(partition_filters));

    public void rocksdb_block_based_options_set_metadata_block_size(IntPtr options, ulong metadata_block_size) =>
        OptionsApi.rocksdb_block_based_options_set_metadata_block_size(options, metadata_block_size);

    public void rocksdb_block_based_options_set_pin_top_level_index_and_filter(IntPtr block_based_table_options, bool pin_top_level_index_and_filter) =>
        OptionsApi.rocksdb_block_based_options_set_pin_top_level_index_and_filter(block_based_table_options, Flag.Of(pin_top_level_index_and_filter));

    public void rocksdb_options_set_max_background_jobs(IntPtr options, int max_background_jobs) =>
        OptionsApi.rocksdb_options_set_max_background_jobs(options, max_background_jobs);

    /// <summary>A filter that compaction asks about every entry; arguments are C function pointers. It is not owned by the options that name it and must outlive the database.</summary>
    public IntPtr rocksdb_compactionfilter_create(IntPtr state, IntPtr destructor, IntPtr filter, IntPtr name) =>
        OptionsApi.rocksdb_compactionfilter_create(state, destructor, filter, name);

    public void rocksdb_compactionfilter_destroy(IntPtr compactionfilter) => OptionsApi.rocksdb_compactionfilter_destroy(compactionfilter);

    /// <summary>Deletes the files of a closed database.</summary>
    public void rocksdb_destroy_db(IntPtr options, string name)
    {
        nint error = 0;
        DbApi.rocksdb_destroy_db(options, name, ref error);
        RocksDbException.ThrowIfSet(error);
    }

    public void rocksdb_flush_cf(IntPtr db, IntPtr options, IntPtr column_family)
    {
        nint error = 0;
        DbApi.rocksdb_flush_cf(db, options, column_family, ref error);
        RocksDbException.ThrowIfSet(error);
    }

    /// <summary>An iterator that met a damaged block is merely not valid any more: call this after the last step.</summary>
    public void rocksdb_iter_get_error(IntPtr iterator)
    {
        nint error = 0;
        DbApi.rocksdb_iter_get_error(iterator, ref error);
        RocksDbException.ThrowIfSet(error);
    }
}
