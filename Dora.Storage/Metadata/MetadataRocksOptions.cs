using RocksDbSharp;

namespace Dora.Storage.Metadata;

/// <summary>How RocksDB is set up for small records by random keys. The values are fixed: none of them is for users.</summary>
internal static class MetadataRocksOptions
{
    /// <summary>The oldest table format that both RocksDB versions of the package profiles read and write, so that a directory may change profiles.</summary>
    private const int TableFormat = 5;

    public static DbOptions Database() => new DbOptions()
        .SetCreateIfMissing()
        .SetCreateMissingColumnFamilies()
        .SetMaxOpenFiles(512)
        .IncreaseParallelism(2)
        .SetMaxTotalWalSize(64 << 20)
        .SetWalRecoveryMode(Recovery.PointInTime) // a torn tail after a crash is normal, and its entries are asked for again
        .SetInfoLogLevel(InfoLogLevel.Warn)
        .SetMaxLogFileSize(1 << 20)
        .SetKeepLogFileNum(2)
        .SetStatsDumpPeriodSec(0);

    /// <summary>Point lookups, mostly for keys that are there or were never seen: a filter, and its blocks inside the cache's bound.</summary>
    public static ColumnFamilyOptions FilesFamily(MetadataStoreOptions options) => Family(options)
        .SetWriteBufferSize(16 << 20);

    /// <summary>Only range scans.</summary>
    public static ColumnFamilyOptions PathsFamily(MetadataStoreOptions options) => Family(options)
        .SetWriteBufferSize(8 << 20);

    public static ColumnFamilyOptions Small() => new ColumnFamilyOptions().SetWriteBufferSize(256 << 10);

    // One cache per family, half the bound each: the filter policy and the cache belong to one table configuration.
    private static ColumnFamilyOptions Family(MetadataStoreOptions options) => new ColumnFamilyOptions()
        .SetCompression(Compression.Lz4)
        .SetBlockBasedTableFactory(new BlockBasedTableOptions()
            .SetFormatVersion(TableFormat)
            .SetBlockSize(8 << 10)
            .SetBlockCache(Cache.CreateLru((ulong)options.BlockCacheBytes / 2))
            .SetFilterPolicy(BloomFilterPolicy.Create(10, false))
            .SetCacheIndexAndFilterBlocks(true)
            .SetPinL0FilterAndIndexBlocksInCache(true));
}
