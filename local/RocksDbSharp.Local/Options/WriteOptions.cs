using RocksDbSharp.Interop;

namespace RocksDbSharp;

/// <summary>Options of writes. Disposal: see <see cref="OptionsHandle"/>.</summary>
public class WriteOptions : IDisposable
{
    public WriteOptions() => Native = new NativeHandle(OptionsApi.rocksdb_writeoptions_create(), OptionsApi.rocksdb_writeoptions_destroy);

    public IntPtr Handle => Native.Pointer;

    internal NativeHandle Native { get; }

    public WriteOptions SetSync(bool value)
    {
        OptionsApi.rocksdb_writeoptions_set_sync(Native, Flag.Of(value));
        return this;
    }

    /// <param name="disable">1: not written to the log, so lost when the process dies before a flush; 0: written.</param>
    public WriteOptions DisableWal(int disable)
    {
        OptionsApi.rocksdb_writeoptions_disable_WAL(Native, disable);
        return this;
    }

    void IDisposable.Dispose() => Native.Dispose();
}
