using System.Runtime.InteropServices;

namespace RocksDbSharp.Interop;

/// <summary>The options half of RocksDB's C API. Names are the C ones; a C <c>unsigned char</c> flag is a byte here.</summary>
internal static unsafe partial class OptionsApi
{
    private const string Lib = LibraryResolver.LibraryName;

    static OptionsApi() => DbApi.Ensure();

    [LibraryImport(Lib)] public static partial nint rocksdb_options_create();
    [LibraryImport(Lib)] public static partial void rocksdb_options_destroy(nint options);
    [LibraryImport(Lib)] public static partial void rocksdb_options_increase_parallelism(NativeHandle options, int threads);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_create_if_missing(NativeHandle options, byte value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_create_missing_column_families(NativeHandle options, byte value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_error_if_exists(NativeHandle options, byte value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_paranoid_checks(NativeHandle options, byte value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_max_open_files(NativeHandle options, int value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_max_total_wal_size(NativeHandle options, ulong value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_wal_recovery_mode(NativeHandle options, int value);
    [LibraryImport(Lib, StringMarshalling = StringMarshalling.Utf8)] public static partial void rocksdb_options_set_wal_dir(NativeHandle options, string value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_WAL_ttl_seconds(NativeHandle options, ulong value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_WAL_size_limit_MB(NativeHandle options, ulong value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_enable_statistics(NativeHandle options);
    [LibraryImport(Lib)] public static partial nint rocksdb_options_statistics_get_string(NativeHandle options);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_skip_stats_update_on_db_open(NativeHandle options, byte value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_stats_dump_period_sec(NativeHandle options, uint value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_max_background_jobs(nint options, int value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_max_background_compactions(NativeHandle options, int value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_max_background_flushes(NativeHandle options, int value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_max_log_file_size(NativeHandle options, nuint value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_keep_log_file_num(NativeHandle options, nuint value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_max_manifest_file_size(NativeHandle options, nuint value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_allow_mmap_reads(NativeHandle options, byte value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_use_direct_reads(NativeHandle options, byte value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_use_direct_io_for_flush_and_compaction(NativeHandle options, byte value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_db_write_buffer_size(NativeHandle options, nuint value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_bytes_per_sync(NativeHandle options, ulong value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_info_log_level(NativeHandle options, int value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_write_buffer_size(NativeHandle options, nuint value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_max_write_buffer_number(NativeHandle options, int value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_compression(NativeHandle options, int value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_compression_per_level(NativeHandle options, int* values, nuint count);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_num_levels(NativeHandle options, int value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_target_file_size_base(NativeHandle options, ulong value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_max_bytes_for_level_base(NativeHandle options, ulong value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_level_compaction_dynamic_level_bytes(NativeHandle options, byte value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_optimize_filters_for_hits(NativeHandle options, int value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_level0_file_num_compaction_trigger(NativeHandle options, int value);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_compaction_filter(NativeHandle options, nint filter);
    [LibraryImport(Lib)] public static partial void rocksdb_options_optimize_for_point_lookup(NativeHandle options, ulong blockCacheMegabytes);
    [LibraryImport(Lib)] public static partial void rocksdb_options_set_block_based_table_factory(NativeHandle options, NativeHandle table);

    [LibraryImport(Lib)] public static partial nint rocksdb_block_based_options_create();
    [LibraryImport(Lib)] public static partial void rocksdb_block_based_options_destroy(nint table);
    [LibraryImport(Lib)] public static partial void rocksdb_block_based_options_set_block_size(NativeHandle table, nuint value);
    [LibraryImport(Lib)] public static partial void rocksdb_block_based_options_set_filter_policy(NativeHandle table, nint policy);
    [LibraryImport(Lib)] public static partial void rocksdb_block_based_options_set_no_block_cache(NativeHandle table, byte value);
    [LibraryImport(Lib)] public static partial void rocksdb_block_based_options_set_block_cache(NativeHandle table, NativeHandle cache);
    [LibraryImport(Lib)] public static partial void rocksdb_block_based_options_set_whole_key_filtering(NativeHandle table, byte value);
    [LibraryImport(Lib)] public static partial void rocksdb_block_based_options_set_format_version(NativeHandle table, int value);
    [LibraryImport(Lib)] public static partial void rocksdb_block_based_options_set_index_type(NativeHandle table, int value);
    [LibraryImport(Lib)] public static partial void rocksdb_block_based_options_set_cache_index_and_filter_blocks(NativeHandle table, byte value);
    [LibraryImport(Lib)] public static partial void rocksdb_block_based_options_set_pin_l0_filter_and_index_blocks_in_cache(NativeHandle table, byte value);
    [LibraryImport(Lib)] public static partial void rocksdb_block_based_options_set_partition_filters(nint table, byte value);
    [LibraryImport(Lib)] public static partial void rocksdb_block_based_options_set_metadata_block_size(nint table, ulong value);
    [LibraryImport(Lib)] public static partial void rocksdb_block_based_options_set_pin_top_level_index_and_filter(nint table, byte value);
    [LibraryImport(Lib)] public static partial nint rocksdb_filterpolicy_create_bloom(double bitsPerKey);
    [LibraryImport(Lib)] public static partial nint rocksdb_filterpolicy_create_bloom_full(double bitsPerKey);
    [LibraryImport(Lib)] public static partial nint rocksdb_filterpolicy_create_ribbon(double bloomEquivalentBitsPerKey);
    [LibraryImport(Lib)] public static partial void rocksdb_filterpolicy_destroy(nint policy);

    [LibraryImport(Lib)] public static partial nint rocksdb_compactionfilter_create(nint state, nint destructor, nint filter, nint name);
    [LibraryImport(Lib)] public static partial void rocksdb_compactionfilter_destroy(nint filter);

    [LibraryImport(Lib)] public static partial nint rocksdb_cache_create_lru(nuint capacity);
    [LibraryImport(Lib)] public static partial void rocksdb_cache_destroy(nint cache);
    [LibraryImport(Lib)] public static partial void rocksdb_cache_set_capacity(NativeHandle cache, nuint capacity);
    [LibraryImport(Lib)] public static partial nuint rocksdb_cache_get_usage(NativeHandle cache);
    [LibraryImport(Lib)] public static partial nuint rocksdb_cache_get_pinned_usage(NativeHandle cache);

    [LibraryImport(Lib)] public static partial nint rocksdb_readoptions_create();
    [LibraryImport(Lib)] public static partial void rocksdb_readoptions_destroy(nint options);
    [LibraryImport(Lib)] public static partial void rocksdb_readoptions_set_verify_checksums(NativeHandle options, byte value);
    [LibraryImport(Lib)] public static partial void rocksdb_readoptions_set_fill_cache(NativeHandle options, byte value);
    [LibraryImport(Lib)] public static partial void rocksdb_readoptions_set_snapshot(NativeHandle options, NativeHandle snapshot);
    [LibraryImport(Lib)] public static partial void rocksdb_readoptions_set_iterate_lower_bound(NativeHandle options, byte* key, nuint length);
    [LibraryImport(Lib)] public static partial void rocksdb_readoptions_set_iterate_upper_bound(NativeHandle options, byte* key, nuint length);
    [LibraryImport(Lib)] public static partial void rocksdb_readoptions_set_readahead_size(NativeHandle options, nuint value);
    [LibraryImport(Lib)] public static partial void rocksdb_readoptions_set_total_order_seek(NativeHandle options, byte value);
    [LibraryImport(Lib)] public static partial void rocksdb_readoptions_set_prefix_same_as_start(NativeHandle options, byte value);

    [LibraryImport(Lib)] public static partial nint rocksdb_writeoptions_create();
    [LibraryImport(Lib)] public static partial void rocksdb_writeoptions_destroy(nint options);
    [LibraryImport(Lib)] public static partial void rocksdb_writeoptions_set_sync(NativeHandle options, byte value);
    [LibraryImport(Lib)] public static partial void rocksdb_writeoptions_disable_WAL(NativeHandle options, int value);
    [LibraryImport(Lib)] public static partial nint rocksdb_flushoptions_create();
    [LibraryImport(Lib)] public static partial void rocksdb_flushoptions_destroy(nint options);
    [LibraryImport(Lib)] public static partial void rocksdb_flushoptions_set_wait(NativeHandle options, byte value);
}
