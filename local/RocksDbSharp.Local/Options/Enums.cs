namespace RocksDbSharp;

public enum InfoLogLevel
{
    Debug,
    Info,
    Warn,
    Error,
    Fatal,
    Header,
}

/// <summary>What a damaged write-ahead log means at open.</summary>
public enum Recovery
{
    TolerateCorruptedTailRecords = 0,
    AbsoluteConsistency = 1,
    PointInTime = 2,
    SkipAnyCorruptedRecords = 3,
}

public enum Compression
{
    No = 0,
    Snappy = 1,
    Zlib = 2,
    Bz2 = 3,
    Lz4 = 4,
    Lz4hc = 5,
    Xpress = 6,
    Zstd = 7,
}

public enum BlockBasedTableIndexType
{
    Binary = 0,
    Hash = 1,
    TwoLevelIndex = 2,
}
