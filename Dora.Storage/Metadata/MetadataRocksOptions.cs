using RocksDbSharp;

namespace Dora.Storage.Metadata;

/// <summary>How RocksDB is set up for small records by random keys. The values come from measurements (docs/decisions/0007-metadata-layout.md); none of them is for users.</summary>
internal static class MetadataRocksOptions
{
    public static DbOptions Database(MetadataStoreOptions options) => new DbOptions()
        .SetCreateIfMissing()
        .SetCreateMissingColumnFamilies()
        .SetMaxOpenFiles(512)
        .IncreaseParallelism(2)
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
    public static ColumnFamilyOptions FilesFamily(MetadataStoreOptions options, nint expiry) => Family(
        expiry, Table(4 << 10, options).SetFilterPolicy(BloomFilterPolicy.Create(10, false)))
        .SetWriteBufferSize((ulong)options.WriteBufferBytes / 2);

    /// <summary>Only range scans, over sorted paths that share most of their bytes: large blocks, no filter.</summary>
    public static ColumnFamilyOptions PathsFamily(MetadataStoreOptions options, nint expiry) => Family(expiry, Table(32 << 10, options))
        .SetWriteBufferSize((ulong)options.WriteBufferBytes / 4);

    /// <summary>For little, and for families that others made.</summary>
    public static ColumnFamilyOptions Small() => new ColumnFamilyOptions().SetWriteBufferSize(256 << 10);

    private static ColumnFamilyOptions Family(nint expiry, BlockBasedTableOptions table) => new ColumnFamilyOptions()
        .SetCompression(Compression.Lz4)
        .SetCompactionFilter(expiry)
        .SetLevelCompactionDynamicLevelBytes(true)
        .SetMaxBytesForLevelBase(256 << 20)
        .SetTargetFileSizeBase(64 << 20)
        .SetBlockBasedTableFactory(table);

    // Indexes and filters lie outside the block cache, where a lookup needs no lock and no hash to find them: 2 bytes a file. The cache is small and lookups do not
    // fill it: the operating system caches the tables, compressed, in memory that it can take back. One cache per family: a cache belongs to one table configuration.
    private static BlockBasedTableOptions Table(ulong blockSize, MetadataStoreOptions options) => new BlockBasedTableOptions()
        .SetBlockSize(blockSize)
        .SetBlockCache(Cache.CreateLru((ulong)options.BlockCacheBytes / 2));
}
