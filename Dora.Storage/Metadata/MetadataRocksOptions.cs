using RocksDbSharp;

namespace Dora.Storage.Metadata;

/// <summary>How RocksDB is set up for small records by random keys. The values come from measurements (docs/decisions/0007-metadata-layout.md); none of them is for users.</summary>
internal static class MetadataRocksOptions
{
    /// <summary>The oldest table format that both RocksDB versions of the package profiles read and write, so that a directory may change profiles.</summary>
    private const int TableFormat = 5;

    public static DbOptions Database(MetadataStoreOptions options) => new DbOptions()
        .SetCreateIfMissing()
        .SetCreateMissingColumnFamilies()
        .SetMaxOpenFiles(512)
        .IncreaseParallelism(2)
        .SkipStatsUpdateOnOpen(true)
        .SetDbWriteBufferSize((ulong)options.WriteBufferBytes)
        .SetMaxTotalWalSize(64 << 20)
        .SetWalRecoveryMode(Recovery.PointInTime) // a torn tail after a crash is normal, and its entries are asked for again
        .SetInfoLogLevel(InfoLogLevel.Warn)
        .SetMaxLogFileSize(1 << 20)
        .SetKeepLogFileNum(2)
        .SetStatsDumpPeriodSec(0);

    /// <summary>
    /// Point lookups. All levels have filters: a listing asks about every file that it is going to add. Keys and versions are hashes, so only the paths compress.
    /// </summary>
    public static ColumnFamilyOptions FilesFamily(MetadataStoreOptions options, nint filter) => Family(options, filter, Compression.Lz4, 4 << 10)
        .SetWriteBufferSize((ulong)options.WriteBufferBytes / 2);

    /// <summary>Only range scans, over sorted paths that share most of their bytes: large blocks, strong compression.</summary>
    public static ColumnFamilyOptions PathsFamily(MetadataStoreOptions options, nint filter) => Family(options, filter, Compression.Lz4, 32 << 10)
        .SetWriteBufferSize((ulong)options.WriteBufferBytes / 4);

    public static ColumnFamilyOptions Small() => new ColumnFamilyOptions().SetWriteBufferSize(256 << 10);

    /// <summary>For families that others made.</summary>
    public static ColumnFamilyOptions Unknown() => Small();

    // Index blocks lie outside the block cache, where a lookup needs no lock and no hash to find them: 2 bytes a file, filters included. The cache is small and lookups do not fill it:
    // the operating system caches the tables, compressed, in memory that it can take back.
    private static ColumnFamilyOptions Family(MetadataStoreOptions options, nint filter, Compression compression, ulong blockSize) => new ColumnFamilyOptions()
        .SetCompression(compression)
        .SetCompactionFilter(filter)
        .SetLevelCompactionDynamicLevelBytes(true)
        .SetMaxBytesForLevelBase(256 << 20)
        .SetTargetFileSizeBase(64 << 20)
        .SetBlockBasedTableFactory(new BlockBasedTableOptions()
            .SetFormatVersion(TableFormat)
            .SetBlockSize(blockSize)
            .SetBlockCache(Cache.CreateLru((ulong)options.BlockCacheBytes / 2)) // one per family: filter policy and cache belong to one table configuration
            .SetFilterPolicy(BloomFilterPolicy.Create(10, false)));
}
