using RocksDbSharp;

namespace Local.Tests.RocksDb;

/// <summary>What was set is read back from the OPTIONS file that RocksDB writes, so a wrong import cannot hide.</summary>
public sealed class OptionsTests : IDisposable
{
    private readonly TemporaryDatabase _temporary = new();

    public void Dispose() => _temporary.Dispose();

    [Fact]
    public void DbOptions_EverySetter_ReachesRocksDb()
    {
        var options = TemporaryDatabase.CreateOptions()
            .IncreaseParallelism(3)
            .SetMaxOpenFiles(77)
            .SetMaxTotalWalSize(7_000_001)
            .SetWalRecoveryMode(Recovery.TolerateCorruptedTailRecords)
            .SetWalDir(Path.Combine(_temporary.Path, "wal"))
            .SetWALTtlSeconds(61)
            .SetWALSizeLimitMB(62)
            .SetStatsDumpPeriodSec(63)
            .SkipStatsUpdateOnOpen(true)
            .SetMaxLogFileSize(64_000)
            .SetKeepLogFileNum(3)
            .SetInfoLogLevel(InfoLogLevel.Warn)
            .SetMaxManifestFileSize(650_000)
            .SetUseDirectReads(false)
            .SetUseDirectIoForFlushAndCompaction(false)
            .SetAllowMmapReads(false)
            .SetDbWriteBufferSize(6_600_000)
            .SetBytesPerSync(67_000)
            .SetParanoidChecks(false)
            .SetErrorIfExists(false);
        Native.Instance.rocksdb_options_set_max_background_jobs(options.Handle, 5);

        RocksDbSharp.RocksDb.Open(options, _temporary.Path).Dispose();
        AssertWritten(
            "create_if_missing=true", "create_missing_column_families=true", "max_open_files=77", "max_total_wal_size=7000001",
            "wal_recovery_mode=kTolerateCorruptedTailRecords", "wal_dir=" + Path.Combine(_temporary.Path, "wal"), "WAL_ttl_seconds=61", "WAL_size_limit_MB=62",
            "stats_dump_period_sec=63", "skip_stats_update_on_db_open=true", "max_log_file_size=64000", "keep_log_file_num=3", "info_log_level=WARN_LEVEL",
            "max_manifest_file_size=650000", "db_write_buffer_size=6600000", "bytes_per_sync=67000", "paranoid_checks=false", "max_background_jobs=5");
    }

    [Fact]
    public void ColumnFamilyOptions_EverySetter_ReachesRocksDb()
    {
        var table = new BlockBasedTableOptions()
            .SetBlockSize(9_000)
            .SetBlockCache(Cache.CreateLru(1 << 20))
            .SetFilterPolicy(Native.Instance.rocksdb_filterpolicy_create_ribbon(9.5))
            .SetIndexType(BlockBasedTableIndexType.TwoLevelIndex)
            .SetCacheIndexAndFilterBlocks(true)
            .SetPinL0FilterAndIndexBlocksInCache(true)
            .SetWholeKeyFiltering(false)
            .SetFormatVersion(5);
        Native.Instance.rocksdb_block_based_options_set_partition_filters(table.Handle, true);
        Native.Instance.rocksdb_block_based_options_set_metadata_block_size(table.Handle, 5_000);
        Native.Instance.rocksdb_block_based_options_set_pin_top_level_index_and_filter(table.Handle, false);

        var family = new ColumnFamilyOptions()
            .SetWriteBufferSize(3_300_000)
            .SetMaxWriteBufferNumber(4)
            .SetNumLevels(3)
            .SetCompression(Compression.Lz4)
            .SetCompressionPerLevel([Compression.No, Compression.Lz4, Compression.Zstd], 3)
            .SetTargetFileSizeBase(3_400_000)
            .SetMaxBytesForLevelBase(35_000_000)
            .SetLevelCompactionDynamicLevelBytes(true)
            .SetOptimizeFiltersForHits(1)
            .SetBlockBasedTableFactory(table);

        var families = new ColumnFamilies { { "x", family } };
        RocksDbSharp.RocksDb.Open(TemporaryDatabase.CreateOptions(), _temporary.Path, families).Dispose();
        AssertWritten(
            "write_buffer_size=3300000", "max_write_buffer_number=4", "num_levels=3", "compression=kLZ4Compression",
            "compression_per_level=kNoCompression:kLZ4Compression:kZSTD", "target_file_size_base=3400000", "max_bytes_for_level_base=35000000",
            "level_compaction_dynamic_level_bytes=true", "optimize_filters_for_hits=true", "block_size=9000",
            "index_type=kTwoLevelIndexSearch", "cache_index_and_filter_blocks=true", "pin_l0_filter_and_index_blocks_in_cache=true",
            "whole_key_filtering=false", "format_version=5", "partition_filters=true", "metadata_block_size=5000", "pin_top_level_index_and_filter=false");
        Assert.Contains(OptionLines(), line => line.StartsWith("filter_policy=ribbonfilter", StringComparison.Ordinal)); // newer versions append the strength
    }

    [Fact]
    public void Statistics_OffUnlessEnabled()
    {
        Assert.Null(new DbOptions().GetStatisticsString());
        Assert.Contains("rocksdb.block.cache.miss", new DbOptions().EnableStatistics().GetStatisticsString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Cache_Usage_GrowsWithReadsAndShrinksWithCapacity()
    {
        var cache = Cache.CreateLru(1 << 20);
        var table = new BlockBasedTableOptions().SetBlockCache(cache);
        using var db = RocksDbSharp.RocksDb.Open(TemporaryDatabase.CreateOptions().SetBlockBasedTableFactory(table), _temporary.Path);
        db.Put(new byte[8], new byte[4_000]);
        db.Flush(new FlushOptions().SetWaitForFlush(true));
        db.Get(new byte[8]);

        Assert.True(cache.GetUsage() >= 4_000, $"usage {cache.GetUsage()}");
        cache.SetCapacity(0);
        Assert.True(cache.GetUsage() < 4_000, $"usage {cache.GetUsage()}, pinned {cache.GetPinnedUsage()}");
    }

    private void AssertWritten(params string[] expected)
    {
        var lines = OptionLines();
        Assert.All(expected, line => Assert.Contains(line, lines));
    }

    private HashSet<string> OptionLines()
    {
        var file = Directory.GetFiles(_temporary.Path, "OPTIONS-*").Order(StringComparer.Ordinal).Last();
        return File.ReadAllLines(file).Select(line => line.Trim()).ToHashSet(StringComparer.Ordinal);
    }
}
