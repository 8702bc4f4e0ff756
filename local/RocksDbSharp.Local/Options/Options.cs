using System.Runtime.InteropServices;
using RocksDbSharp.Interop;

namespace RocksDbSharp;

/// <summary>The setters that database and column family options share in RocksDB's C API. Each returns the same object.</summary>
public abstract class Options<T> : OptionsHandle
    where T : Options<T>
{
    private T Self => (T)this;

    public T IncreaseParallelism(int totalThreads)
    {
        OptionsApi.rocksdb_options_increase_parallelism(Native, totalThreads);
        return Self;
    }

    public T SetCreateIfMissing(bool value = true)
    {
        OptionsApi.rocksdb_options_set_create_if_missing(Native, Flag.Of(value));
        return Self;
    }

    public T SetCreateMissingColumnFamilies(bool value = true)
    {
        OptionsApi.rocksdb_options_set_create_missing_column_families(Native, Flag.Of(value));
        return Self;
    }

    public T SetErrorIfExists(bool value = true)
    {
        OptionsApi.rocksdb_options_set_error_if_exists(Native, Flag.Of(value));
        return Self;
    }

    public T SetParanoidChecks(bool value = true)
    {
        OptionsApi.rocksdb_options_set_paranoid_checks(Native, Flag.Of(value));
        return Self;
    }

    public T SetMaxOpenFiles(int value)
    {
        OptionsApi.rocksdb_options_set_max_open_files(Native, value);
        return Self;
    }

    public T SetMaxTotalWalSize(ulong n)
    {
        OptionsApi.rocksdb_options_set_max_total_wal_size(Native, n);
        return Self;
    }

    public T SetWalRecoveryMode(Recovery mode)
    {
        OptionsApi.rocksdb_options_set_wal_recovery_mode(Native, (int)mode);
        return Self;
    }

    public T SetWalDir(string value)
    {
        OptionsApi.rocksdb_options_set_wal_dir(Native, value);
        return Self;
    }

    public T SetWALTtlSeconds(ulong value)
    {
        OptionsApi.rocksdb_options_set_WAL_ttl_seconds(Native, value);
        return Self;
    }

    public T SetWALSizeLimitMB(ulong value)
    {
        OptionsApi.rocksdb_options_set_WAL_size_limit_MB(Native, value);
        return Self;
    }

    /// <summary>Statistics are off unless this is called.</summary>
    public T EnableStatistics()
    {
        OptionsApi.rocksdb_options_enable_statistics(Native);
        return Self;
    }

    /// <returns>The statistics in RocksDB's own text, or null when they are off.</returns>
    public string? GetStatisticsString() => NativeText.TakeUtf8(OptionsApi.rocksdb_options_statistics_get_string(Native));

    public T SkipStatsUpdateOnOpen(bool val = false)
    {
        OptionsApi.rocksdb_options_set_skip_stats_update_on_db_open(Native, Flag.Of(val));
        return Self;
    }

    public T SetStatsDumpPeriodSec(uint value)
    {
        OptionsApi.rocksdb_options_set_stats_dump_period_sec(Native, value);
        return Self;
    }

    public T SetMaxBackgroundCompactions(int value)
    {
        OptionsApi.rocksdb_options_set_max_background_compactions(Native, value);
        return Self;
    }

    public T SetMaxBackgroundFlushes(int value)
    {
        OptionsApi.rocksdb_options_set_max_background_flushes(Native, value);
        return Self;
    }

    public T SetMaxLogFileSize(ulong value)
    {
        OptionsApi.rocksdb_options_set_max_log_file_size(Native, (nuint)value);
        return Self;
    }

    public T SetKeepLogFileNum(ulong value)
    {
        OptionsApi.rocksdb_options_set_keep_log_file_num(Native, (nuint)value);
        return Self;
    }

    public T SetInfoLogLevel(InfoLogLevel value)
    {
        OptionsApi.rocksdb_options_set_info_log_level(Native, (int)value);
        return Self;
    }

    public T SetMaxManifestFileSize(ulong value)
    {
        OptionsApi.rocksdb_options_set_max_manifest_file_size(Native, (nuint)value);
        return Self;
    }

    public T SetAllowMmapReads(bool value)
    {
        OptionsApi.rocksdb_options_set_allow_mmap_reads(Native, Flag.Of(value));
        return Self;
    }

    public T SetUseDirectReads(bool value)
    {
        OptionsApi.rocksdb_options_set_use_direct_reads(Native, Flag.Of(value));
        return Self;
    }

    public T SetUseDirectIoForFlushAndCompaction(bool value)
    {
        OptionsApi.rocksdb_options_set_use_direct_io_for_flush_and_compaction(Native, Flag.Of(value));
        return Self;
    }

    public T SetDbWriteBufferSize(ulong size)
    {
        OptionsApi.rocksdb_options_set_db_write_buffer_size(Native, (nuint)size);
        return Self;
    }

    public T SetBytesPerSync(ulong value)
    {
        OptionsApi.rocksdb_options_set_bytes_per_sync(Native, value);
        return Self;
    }

    public T SetWriteBufferSize(ulong value)
    {
        OptionsApi.rocksdb_options_set_write_buffer_size(Native, (nuint)value);
        return Self;
    }

    public T SetMaxWriteBufferNumber(int value)
    {
        OptionsApi.rocksdb_options_set_max_write_buffer_number(Native, value);
        return Self;
    }

    public T SetCompression(Compression value)
    {
        OptionsApi.rocksdb_options_set_compression(Native, (int)value);
        return Self;
    }

    /// <summary>One entry per level, from level 0. A missing codec is found out at open, not here.</summary>
    public unsafe T SetCompressionPerLevel(Compression[] levelValues, ulong numLevels)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(numLevels, (ulong)levelValues.Length);
        fixed (int* values = MemoryMarshal.Cast<Compression, int>(levelValues))
            OptionsApi.rocksdb_options_set_compression_per_level(Native, values, (nuint)numLevels);
        return Self;
    }

    public T SetNumLevels(int value)
    {
        OptionsApi.rocksdb_options_set_num_levels(Native, value);
        return Self;
    }

    public T SetTargetFileSizeBase(ulong value)
    {
        OptionsApi.rocksdb_options_set_target_file_size_base(Native, value);
        return Self;
    }

    public T SetMaxBytesForLevelBase(ulong value)
    {
        OptionsApi.rocksdb_options_set_max_bytes_for_level_base(Native, value);
        return Self;
    }

    public T SetLevelCompactionDynamicLevelBytes(bool value)
    {
        OptionsApi.rocksdb_options_set_level_compaction_dynamic_level_bytes(Native, Flag.Of(value));
        return Self;
    }

    public T SetLevel0FileNumCompactionTrigger(int value)
    {
        OptionsApi.rocksdb_options_set_level0_file_num_compaction_trigger(Native, value);
        return Self;
    }

    /// <summary>The filter is not owned: it must outlive the database.</summary>
    public T SetCompactionFilter(IntPtr compactionFilter)
    {
        OptionsApi.rocksdb_options_set_compaction_filter(Native, compactionFilter);
        return Self;
    }

    public T SetOptimizeFiltersForHits(int value)
    {
        OptionsApi.rocksdb_options_set_optimize_filters_for_hits(Native, value);
        return Self;
    }

    public T OptimizeForPointLookup(ulong blockCacheSizeMb)
    {
        OptionsApi.rocksdb_options_optimize_for_point_lookup(Native, blockCacheSizeMb);
        return Self;
    }

    public T SetBlockBasedTableFactory(BlockBasedTableOptions table_options)
    {
        OptionsApi.rocksdb_options_set_block_based_table_factory(Native, table_options.Native);
        return Self;
    }
}
