using RocksDbSharp.Interop;

namespace RocksDbSharp;

/// <summary>Options of <see cref="RocksDb.Flush"/>. Always say whether to wait: the package's default is not RocksDB's.</summary>
public class FlushOptions : OptionsHandle
{
    public FlushOptions()
        : base(new NativeHandle(OptionsApi.rocksdb_flushoptions_create(), OptionsApi.rocksdb_flushoptions_destroy))
    {
    }

    public FlushOptions SetWaitForFlush(bool waitForFlush)
    {
        OptionsApi.rocksdb_flushoptions_set_wait(Native, Flag.Of(waitForFlush));
        return this;
    }
}
